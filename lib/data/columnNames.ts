import { columnText, cutText, wellFormed } from '../domain/text.js';
import { ROW_ID } from '../domain/dataset.js';

/**
 * Names that are unique (also without regard to case, as SQL compares them), not empty, well-formed, and not the hidden row id.
 * Names that are fine stay as they are; each change is told.
 */
export function uniqueNames(raw: readonly string[], note: (code: string, text: string) => void): string[] {
	const taken = new Set<string>([ROW_ID]);
	const names = raw.map((name) => columnText(name).trim());
	const wanted = new Set(names.map((n) => n.toLowerCase()));
	const changes: string[] = [];
	const torn = raw.filter((name) => columnText(name) !== name).length;
	const result = names.map((name, i) => {
		let unique = name === '' ? `column_${i + 1}` : name;
		if (taken.has(unique.toLowerCase())) {
			let n = 2;
			while (taken.has(`${unique}_${n}`.toLowerCase()) || wanted.has(`${unique}_${n}`.toLowerCase())) n++;
			unique = `${unique}_${n}`;
		}
		taken.add(unique.toLowerCase());
		if (unique !== name)
			changes.push(
				name === ''
					? `column ${i + 1} has no name and is called "${unique}"`
					: `a second "${shortName(name)}" is called "${shortName(unique)}"`,
			);
		return unique;
	});
	if (torn)
		note(
			'data.names_repaired',
			`${torn} column name${torn === 1 ? ' holds' : 's hold'} halves of characters or NUL characters, which stand as \uFFFD now.`,
		);
	if (changes.length) {
		const shown = changes.slice(0, 5).join('; ');
		note(
			'data.names_changed',
			`Column names must be unique and not empty: ${shown}${changes.length > 5 ? `; and ${changes.length - 5} more` : ''}.`,
		);
	}
	return result;
}

const shortName = (name: string): string => (name.length > 80 ? `${cutText(name, 40)}...${wellFormed(name.slice(-10))}` : name);
