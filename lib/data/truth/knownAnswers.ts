import { quoteText, type Duck } from '../duck.js';
import { instantSql, tableWithTruth, type AnswersAsked } from './resolve.js';
import type { TruthLog } from './seenAnswers.js';

/** Answers of a version in a window. */
export interface WindowCount {
	window: number;
	version: number;
	digest: string;
	/** Answers that somebody saw, and those of them about which the truth has been told. */
	rows: number;
	known: number;
}

/** Known answers of one version in one window, or an even sample of them; arrays of the same length. */
export interface KnownPart {
	scores: Float64Array;
	/** JSON, as it was told. */
	truth: string[];
	/** What was asked about, as a number; absent where not every caller said it. */
	about?: Uint32Array;
	/** JSON, as the caller sent it; only where it was asked for. */
	input: string[];
	/** Scores that are no numbers of the model's kind. */
	unreadable: number;
}

/** More answers than this say no more about a window of a version: an even sample by their ids is measured. */
export const MOST_MEASURED = 50_000;

/**
 * Counts answers and known ones of windows (by the start of each, disjoint, in the order of time), of those that somebody saw. Leaves the
 * session's table `table` of them behind for `readKnown`.
 */
export async function countWindows(
	duck: Duck,
	log: TruthLog,
	asked: Pick<AnswersAsked, 'model' | 'alias' | 'versions'>,
	windows: ReadonlyArray<{ from: string; until: string }>,
	withInput: boolean,
	table = 'windowed',
): Promise<WindowCount[]> {
	await tableWithTruth(duck, log, 'found', {
		...asked,
		since: windows[0].from,
		until: windows[windows.length - 1].until,
		seen: true,
		columns: ['version', 'digest', 'key', 'score', ...(withInput ? ['input'] : [])],
	});
	const spans = windows.map(({ from, until }, n) => `(${n}, ${instantSql(from)}, ${instantSql(until)})`).join(', ');
	await duck.run(
		`CREATE OR REPLACE TEMP TABLE ${table} AS SELECT w.n AS n, f.id, f.version, f.digest, f.key, f.score, f.truth` +
			`${withInput ? ', f.input' : ''} FROM found f ASOF JOIN (VALUES ${spans}) w(n, start, stop) ON f."at" >= w.start ` +
			`WHERE f."at" < w.stop AND f.version IS NOT NULL; DROP TABLE found`,
	);
	return await duck.rows<WindowCount>(
		`SELECT n AS "window", version, digest, count(*) AS "rows", count(truth) AS known FROM ${table} ` +
			`GROUP BY n, version, digest ORDER BY n, version, digest`,
	);
}

/** Reads the known answers of one of the counted groups, in the order of their ids. */
export async function readKnown(
	duck: Duck,
	{ window, version, digest, known }: WindowCount,
	outputs: number,
	table = 'windowed',
): Promise<KnownPart> {
	const [{ input: withInput }] = await duck.rows<{ input: number }>(
		`SELECT count(*) AS input FROM duckdb_columns() WHERE table_name = '${table}' AND column_name = 'input'`,
	);
	const sampled = known > MOST_MEASURED ? ` AND hash(id) % 1000003 < ${Math.round((1_000_003 * MOST_MEASURED) / known)}` : '';
	const scores = Array.from({ length: outputs }, (_, k) => `coalesce(s[${k + 1}], 'nan'::DOUBLE) AS s${k}`).join(', ');
	const result = await duck.stream(
		`SELECT ${scores}, CASE WHEN len(s) = ${outputs} THEN 0 ELSE 1 END AS other, ` +
			`CASE WHEN key IS NULL THEN -1 ELSE hash(key)::DOUBLE END AS about, truth, ${withInput ? 'input' : "''"} AS input FROM (SELECT *, ` +
			`TRY_CAST(score AS DOUBLE[]) AS s FROM ${table} WHERE n = ${window} AND version = ${version} AND digest = ${quoteText(digest)} ` +
			`AND truth IS NOT NULL${sampled}) ORDER BY length(id), id`,
	);
	const part: Omit<KnownPart, 'scores' | 'about'> = { truth: [], input: [], unreadable: 0 };
	const flat: number[] = [];
	const about: number[] = [];
	for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
		const columns = Array.from({ length: outputs + 4 }, (_, j) => chunk.getColumnVector(j));
		for (let i = 0; i < chunk.rowCount; i++) {
			const row = columns.slice(0, outputs).map((column) => column.getItem(i) as number);
			if (columns[outputs].getItem(i) !== 0 || !row.every(Number.isFinite)) {
				part.unreadable++;
				continue;
			}
			flat.push(...row);
			about.push(columns[outputs + 1].getItem(i) as number);
			part.truth.push(columns[outputs + 2].getItem(i) as string);
			if (withInput) part.input.push(columns[outputs + 3].getItem(i) as string);
		}
	}
	return { ...part, scores: Float64Array.from(flat), ...(about.includes(-1) ? {} : { about: numbered(about) }) };
}

function numbered(values: readonly number[]): Uint32Array {
	const seen = new Map<number, number>();
	return Uint32Array.from(values, (value) => seen.get(value) ?? (seen.set(value, seen.size), seen.size - 1));
}
