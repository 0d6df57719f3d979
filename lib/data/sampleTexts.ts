import type { DuckDBVector } from '@duckdb/node-api';
import { quoteName, type Duck } from './duck.js';
import type { RawColumn, RawTable, SourceContext } from './sources/contract.js';

/** Rows looked at before all are checked, and the cells that may hold altogether. */
export const SAMPLE_ROWS = 20_000;
const SAMPLE_CELLS = 8_000_000;
/** The golden ratio in 32 bits: multiples of it spread evenly over all remainders, whatever pattern the rows repeat. */
const SPREAD = 2_654_435_761;
const REMAINDERS = 2 ** 32;

/** Texts of columns, one column after the other. */
interface Sampled {
	samples: AsyncIterable<Array<string | null>>;
	/** They are all that there are. */
	complete: boolean;
	/** Once all were taken: whether they are as they stand in the relation, to the character. */
	exact(): boolean;
}

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
 * Values of each column, one column after the other, from rows spread over the relation, the same for the same relation. Not every n-th
 * row: where values stand in every second row, those would hold all of them or none.
 */
export async function sampleTexts(
	raw: RawTable,
	columns: RawColumn[],
	rows: number,
	most: number,
	{ duck }: SourceContext,
): Promise<Sampled> {
	if (columns.length === 0) return { samples: inTurn([]), complete: true, exact: () => true };
	if (raw.unread) return { samples: oneByOne(raw.unread.sample, columns, duck), complete: false, exact: () => false };
	const step = sampleStep(rows, columns.length, most);
	const position = raw.position ?? 'row_number() OVER () - 1';
	const chosen = `(${position}) * ${SPREAD} % ${REMAINDERS} < ${Math.floor(REMAINDERS / step)}`;
	const where = step === 1 ? '' : raw.position ? ` WHERE ${chosen}` : ` QUALIFY ${chosen}`;
	let marked = false;
	const part = async (some: readonly RawColumn[]): Promise<Array<Array<string | null>>> => {
		const result = await duck.stream(`SELECT ${some.map((c) => quoteName(c.key)).join(', ')} FROM ${raw.relation}${where}`);
		const samples: Array<Array<string | null>> = some.map(() => []);
		for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
			for (let j = 0; j < some.length; j++) {
				for (const v of chunk.getColumnValues(j)) samples[j].push(v === null ? null : String(v));
				marked ||= beginsMarked(chunk.getColumnVector(j), chunk.rowCount);
			}
		}
		return samples;
	};
	return { samples: byParts(columns, part), complete: step === 1, exact: () => !marked };
}

/** Columns asked for at a time: a query is the slower to plan the wider it is, by more than its width. */
const ASKED = 1_000;

async function* byParts(
	columns: readonly RawColumn[],
	part: (some: readonly RawColumn[]) => Promise<Array<Array<string | null>>>,
): AsyncGenerator<Array<string | null>> {
	for (let from = 0; from < columns.length; from += ASKED) yield* inTurn(await part(columns.slice(from, from + ASKED)));
}

/** Whether a text begins with a mark of byte order, which is lost where texts are read from the database. Short and long ones hold it. */
function beginsMarked(vector: DuckDBVector, rows: number): boolean {
	const { dataView } = vector as unknown as { dataView: DataView };
	for (let at = 4; at < rows * TEXT_BYTES; at += TEXT_BYTES)
		if (dataView.getUint8(at) === 0xef && dataView.getUint8(at + 1) === 0xbb && dataView.getUint8(at + 2) === 0xbf) return true;
	return false;
}
/** A text of the database is its length in four bytes, its first four bytes, and eight more bytes or a pointer. */
const TEXT_BYTES = 16;

/** Forgets each column once it was taken: all together may be large. */
async function* inTurn(samples: Array<Array<string | null>>): AsyncGenerator<Array<string | null>> {
	for (let sample = samples.shift(); sample; sample = samples.shift()) yield sample;
}

/**
 * Columns of a relation that lies in memory, each as one text, since texts that come by themselves take longer. The next one is asked for
 * while the one before is looked at.
 */
async function* oneByOne(relation: string, columns: readonly RawColumn[], duck: Duck): AsyncGenerator<Array<string | null>> {
	const ask = async ({ key }: RawColumn): Promise<string> => {
		const [{ list }] = await duck.rows<{ list: string }>(
			`SELECT CAST(to_json(list(v ORDER BY place)) AS VARCHAR) AS list FROM (SELECT ${quoteName(key)} AS v, row_number() OVER () AS ` +
				`place FROM ${relation})`,
		);
		return list;
	};
	let asked: Promise<string> | undefined;
	const askFor = (k: number): void => {
		asked = k < columns.length ? ask(columns[k]) : undefined;
		// It may fail before anybody waits for it; who does is told.
		asked?.catch(() => {});
	};
	try {
		askFor(0);
		for (const [k] of columns.entries()) {
			const list = await asked!;
			askFor(k + 1);
			const texts = JSON.parse(list) as Array<string | null>;
			// A mark of byte order that a text begins with is no part of it, as it never was of texts that were read from the database.
			yield list.includes('\ufeff') ? texts.map((text) => text && text.replace(/^\ufeff/, '')) : texts;
		}
	} finally {
		// Whoever takes no more columns closes the session next.
		await asked?.catch(() => {});
	}
}
