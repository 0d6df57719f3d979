import { instantSql } from './truth/resolve.js';
import { SEEN } from './truth/seenAnswers.js';
import { quoteText, type Duck } from './duck.js';
import type { SegmentLog } from '../store/log/contract.js';

/** Whose answers are meant: those of a model that somebody saw, between two moments. */
export interface GivenAsked {
	model: string;
	alias?: string;
	versions?: readonly number[];
	from: string;
	until: string;
}

/** Answers of a version. */
export interface GivenCount {
	version: number;
	digest: string;
	rows: number;
}

/** Some answers of a version, in the order of the log. */
export interface GivenPart {
	/** Row-major, as the model gave them; NaN where the log has something else. */
	scores: Float64Array;
	rows: number;
	/** What callers sent, as JSON; only where it was asked for. */
	input: string[];
	/** By column: what callers sent there, as JSON; null where they did not. */
	cells: Array<Array<string | null>>;
}

/** More rows than this are not held as text at once. */
const PIECE = 20_480;

async function fromSql(log: Pick<SegmentLog, 'relation'>, { model, alias, versions, from, until }: GivenAsked): Promise<string> {
	const conditions = [
		SEEN,
		`model = ${quoteText(model)}`,
		'version IS NOT NULL',
		`"at" >= ${instantSql(from)}`,
		`"at" < ${instantSql(until)}`,
		...(alias === undefined ? [] : [`alias = ${quoteText(alias)}`]),
		...(versions === undefined ? [] : [`version IN (${versions.map(Math.trunc).join(', ') || 'NULL'})`]),
	];
	return `FROM ${await log.relation('answers', { since: from, until })} WHERE ${conditions.join(' AND ')}`;
}

export const countGiven = async (duck: Duck, log: Pick<SegmentLog, 'relation'>, asked: GivenAsked): Promise<GivenCount[]> =>
	await duck.rows<GivenCount>(
		`SELECT version, digest, count(*) AS "rows" ${await fromSql(log, asked)} GROUP BY version, digest ORDER BY version, digest`,
	);

/**
 * Reads the answers of one of the counted groups, piece by piece.
 * @param want `columns`: of which the cells are wanted; `input`: whether all that callers sent is; `most`: of more answers an even sample
 * by their ids
 */
export async function* readGiven(
	duck: Duck,
	log: Pick<SegmentLog, 'relation'>,
	asked: GivenAsked,
	{ version, digest, rows }: GivenCount,
	outputs: number,
	want: { columns: readonly string[]; input: boolean; most?: number },
): AsyncGenerator<GivenPart> {
	const scores = Array.from({ length: outputs }, (_, k) => `coalesce(CASE WHEN len(s) = ${outputs} THEN s[${k + 1}] END, 'nan'::DOUBLE)`);
	const cells = want.columns.map((name) => `json_extract(input, ${quoteText(pointerTo(name))})`);
	const texts = [...cells, ...(want.input ? ['input'] : [])].map((sql) => `CAST(${sql} AS VARCHAR)`);
	const { most = rows } = want;
	const sampled = rows > most ? ` AND hash(id) % 1000003 < ${Math.round((1_000_003 * most) / rows)}` : '';
	const result = await duck.stream(
		`SELECT ${[...scores, ...texts].join(', ')} FROM (SELECT *, TRY_CAST(score AS DOUBLE[]) AS s ` +
			`${await fromSql(log, { ...asked, versions: [version] })} AND digest = ${quoteText(digest)}${sampled})`,
	);
	let part = partFor(outputs, want.columns.length);
	for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
		const { rowCount } = chunk;
		for (let k = 0; k < outputs; k++) {
			const { items } = chunk.getColumnVector(k) as unknown as { items: Float64Array };
			for (let i = 0; i < rowCount; i++) part.scores[(part.rows + i) * outputs + k] = items[i];
		}
		for (const [j, into] of [...part.cells, ...(want.input ? [part.input] : [])].entries()) {
			const vector = chunk.getColumnVector(outputs + j);
			for (let i = 0; i < rowCount; i++) (into as Array<string | null>).push(vector.getItem(i) as string | null);
		}
		part.rows += rowCount;
		if (part.rows + CHUNK <= PIECE) continue;
		yield finished(part, outputs);
		part = partFor(outputs, want.columns.length);
	}
	if (part.rows > 0) yield finished(part, outputs);
}

/** Rows of DuckDB's chunks, at most. */
const CHUNK = 2048;

const partFor = (outputs: number, columns: number): GivenPart => ({
	scores: new Float64Array(PIECE * outputs),
	rows: 0,
	input: [],
	cells: Array.from({ length: columns }, () => []),
});

const finished = (part: GivenPart, outputs: number): GivenPart => ({ ...part, scores: part.scores.subarray(0, part.rows * outputs) });

/** A name as a pointer of JSON (RFC 6901). */
const pointerTo = (name: string): string => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
