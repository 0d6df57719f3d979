import type { Duck } from './duck.js';
import type { RawTable } from './sources/contract.js';
import type { Reading } from './typedRelation.js';
import { dropTables, makeTyped, type Made } from './typedTable.js';

/** What the first pass over a relation denied that was believed of it. */
export class Denied extends Error {}

/** The first pass over a relation that nobody has read yet. @throws Denied */
export async function readFirst(raw: RawTable, columns: readonly Reading[], duck: Duck): Promise<Made[]> {
	// Whatever it fails of is said by those who read with more care.
	const made = await makeTyped(raw, columns, duck).catch(() => undefined);
	const [found] = made
		? await duck.rows<{ rows: number; hollow: number }>(`SELECT count(*) AS rows, count(*) FILTER (hollow) AS hollow FROM ${made[0].table}`)
		: [];
	if (made && (await raw.unread!.confirm(found))) return made;
	if (made) await dropTables([made[0].table], duck);
	throw new Denied();
}
