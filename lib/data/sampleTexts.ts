import { quoteName } from './duck.js';
import type { RawColumn, RawTable, SourceContext } from './sources/contract.js';

/** Rows looked at before all are checked, and the cells that may hold altogether. */
export const SAMPLE_ROWS = 20_000;
const SAMPLE_CELLS = 8_000_000;
/** The golden ratio in 32 bits: multiples of it spread evenly over all remainders, whatever pattern the rows repeat. */
const SPREAD = 2_654_435_761;
const REMAINDERS = 2 ** 32;

/** Of how many rows one is looked at. */
export function sampleStep(rows: number, columns: number, most = SAMPLE_ROWS): number {
	const wanted = Math.min(most, Math.max(200, Math.floor(SAMPLE_CELLS / columns)));
	return Math.max(1, Math.floor(rows / wanted));
}

/** Places of the rows that `sampleTexts` looks at, rising. */
export function sampledPlaces(rows: number, step: number): number[] {
	const places: number[] = [];
	const limit = Math.floor(REMAINDERS / step);
	for (let i = 0; i < rows; i++) if (Math.imul(i, SPREAD) >>> 0 < limit) places.push(i);
	return places;
}

/**
 * Values of each column from rows spread over the relation, the same for the same relation. Not every n-th row: where values stand in every
 * second row, those would hold all of them or none.
 */
export async function sampleTexts(
	raw: RawTable,
	columns: RawColumn[],
	rows: number,
	most: number,
	{ duck }: SourceContext,
): Promise<{ samples: Array<Array<string | null>>; complete: boolean }> {
	if (columns.length === 0) return { samples: [], complete: true };
	const step = sampleStep(rows, raw.unread ? raw.columns.length : columns.length, most);
	const position = raw.position ?? 'row_number() OVER () - 1';
	const list = columns.map((c) => quoteName(c.key)).join(', ');
	const chosen = `(${position}) * ${SPREAD} % ${REMAINDERS} < ${Math.floor(REMAINDERS / step)}`;
	const where = step === 1 || raw.unread ? '' : raw.position ? ` WHERE ${chosen}` : ` QUALIFY ${chosen}`;
	const result = await duck.stream(`SELECT ${list} FROM ${raw.unread?.sample ?? raw.relation}${where}`);
	const samples: Array<Array<string | null>> = columns.map(() => []);
	for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
		for (let j = 0; j < columns.length; j++) for (const v of chunk.getColumnValues(j)) samples[j].push(v === null ? null : String(v));
	}
	return { samples, complete: step === 1 };
}
