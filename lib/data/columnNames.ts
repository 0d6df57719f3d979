import { columnText, cutText, wellFormed } from '../domain/text.js';
import { ROW_ID } from '../domain/dataset.js';

export interface NameOptions {
	note(code: string, text: string): void;
	/** Names that differ only by case count as the same, as for the first version of Ingest. */
	caseless?: boolean;
}

const MOST_NAMED = 5;

/**
 * Names that are unique, not empty, well-formed, and without blanks around them. Names that are fine stay as they are; each change is told.
 * `id` and `ID` are two names.
 */
export function uniqueNames(raw: readonly string[], { note, caseless = false }: NameOptions): string[] {
	const same = (name: string): string => (caseless ? name.toLowerCase() : name);
	const taken = new Set<string>(caseless ? [ROW_ID] : []);
	const texts = raw.map(columnText);
	const names = texts.map((name) => name.trim());
	const wanted = new Set(names.map(same));
	const changes: string[] = [];
	const result = names.map((name, i) => {
		const own = name === '' ? `column_${i + 1}` : name;
		// A name that the source gave is never taken from its column by one that was made up.
		const others = (n: string) => wanted.has(same(n)) && (n !== own || (name === '' && !caseless));
		const unique = freeName(own, (n) => taken.has(same(n)) || others(n));
		taken.add(same(unique));
		if (unique !== name)
			changes.push(
				name === ''
					? `column ${i + 1} has no name and is called "${unique}"`
					: `a second "${shortName(name)}" is called "${shortName(unique)}"`,
			);
		return unique;
	});
	const torn = raw.filter((name, i) => texts[i] !== name).length;
	if (torn)
		note(
			'data.names_repaired',
			`${torn} column name${torn === 1 ? ' holds' : 's hold'} halves of characters or NUL characters, which stand as \uFFFD now.`,
		);
	const blank = names.filter((name, i) => name !== '' && name !== texts[i]);
	if (blank.length)
		note(
			'data.names_trimmed',
			`Blanks around ${blank.length === 1 ? 'a column name' : `${blank.length} column names`} are left out: ${listed(
				blank.map((name) => `"${shortName(name)}"`),
				', ',
			)}.`,
		);
	if (changes.length) note('data.names_changed', `Column names must be unique and not empty: ${listed(changes, '; ')}.`);
	return result;
}

/** The name, else `name_2`, `name_3`, ...: the first that is free. */
export function freeName(name: string, isTaken: (name: string) => boolean): string {
	let free = name;
	for (let n = 2; isTaken(free); n++) free = `${name}_${n}`;
	return free;
}

/** `freeName`, which then is taken. */
export function takeName(name: string, taken: Set<string>): string {
	const free = freeName(name, (n) => taken.has(n));
	taken.add(free);
	return free;
}

function listed(parts: readonly string[], between: string): string {
	const more = parts.length - MOST_NAMED;
	return `${parts.slice(0, MOST_NAMED).join(between)}${more > 0 ? `${between === '; ' ? '; and' : ' and'} ${more} more` : ''}`;
}

const shortName = (name: string): string => (name.length > 80 ? `${cutText(name, 40)}...${wellFormed(name.slice(-10))}` : name);
