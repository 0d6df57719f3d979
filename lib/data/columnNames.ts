import { ROW_ID } from '../domain/dataset.js';

/**
 * Names that are unique (also without regard to case, as SQL compares them), not empty and not the hidden row id.
 * Names that are fine stay as they are; each change is told.
 */
export function uniqueNames(raw: readonly string[], note: (code: string, text: string) => void): string[] {
	const taken = new Set<string>([ROW_ID]);
	const names = raw.map((name) => name.trim());
	const wanted = new Set(names.map((n) => n.toLowerCase()));
	const changes: string[] = [];
	const result = names.map((name, i) => {
		let unique = name === '' ? `column_${i + 1}` : name;
		if (taken.has(unique.toLowerCase())) {
			let n = 2;
			while (taken.has(`${unique}_${n}`.toLowerCase()) || wanted.has(`${unique}_${n}`.toLowerCase())) n++;
			unique = `${unique}_${n}`;
		}
		taken.add(unique.toLowerCase());
		if (unique !== name) changes.push(name === '' ? `column ${i + 1} has no name and is called "${unique}"` : `a second "${name}" is called "${unique}"`);
		return unique;
	});
	if (changes.length) {
		const shown = changes.slice(0, 5).join('; ');
		note('data.names_changed', `Column names must be unique and not empty: ${shown}${changes.length > 5 ? `; and ${changes.length - 5} more` : ''}.`);
	}
	return result;
}
