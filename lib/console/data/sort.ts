export type Sortable = string | number | boolean | null | undefined;

const inOrder = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/**
 * Order of two values in a column: numbers by size, words as the reader's language has them ("v9" before "v10"); what is unknown is last.
 */
export function compared(a: Sortable, b: Sortable, descending: boolean): number {
	const [noA, noB] = [a, b].map((value) => value == null || Number.isNaN(value));
	if (noA || noB) return Number(noA) - Number(noB);
	const order = typeof a === 'string' && typeof b === 'string' ? inOrder.compare(a, b) : Number(a) - Number(b);
	return descending ? -order : order;
}
