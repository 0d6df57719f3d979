const MOST_NEAR = 5;
const folded = (name: string): string =>
	name
		.normalize('NFC')
		.toLowerCase()
		.replace(/[^\p{L}\p{N}]+/gu, '');

/** Columns that are there under nearly the same name: but for case, blanks and punctuation. */
export function nearNames(absent: readonly string[], there: readonly string[]): Array<[wanted: string, found: string]> {
	const known = new Map(there.map((name) => [folded(name), name]));
	return absent.flatMap((name): Array<[string, string]> => {
		const found = folded(name) && known.get(folded(name));
		return found ? [[name, found]] : [];
	});
}

/** A sentence for near names; empty if there are none. */
export function nearText(near: ReadonlyArray<[wanted: string, found: string]>): string {
	if (!near.length) return '';
	const pairs = near
		.slice(0, MOST_NEAR)
		.map(([wanted, found]) => `"${found}" (for "${wanted}")`)
		.join(', ');
	return (
		`Nearly the same ${near.length === 1 ? 'name is' : 'names are'} there: ` +
		`${pairs}${near.length > MOST_NEAR ? ` and ${near.length - MOST_NEAR} more` : ''}. Give the ` +
		`${near.length === 1 ? 'column' : 'columns'} exactly the name that is asked for.`
	);
}
