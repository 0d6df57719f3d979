import { quoteText, type Duck } from '../../data/duck.js';
import { instantSql } from '../../data/truth/resolve.js';
import type { LoggedRow } from '../../monitor/index.js';
import type { Store } from '../../store/contract.js';
import type { Span, Watched } from './contract.js';

/** More answers than this say no more about a window: an even sample by their ids is compared. */
export const MOST_COMPARED = 100_000;

/** What was answered in a window. */
export interface AnswersOf {
	/** Answers that somebody saw, of all versions. */
	rows: number;
	versions: number[];
	/** The version that the alias pointed to at the end, or else the one that answered most. */
	main?: { version: number; digest: string; rows: number };
	/** Requests and scores of that version, at most `MOST_COMPARED`. */
	read: LoggedRow[];
	/** Answers that failed and those that nobody saw (a shadow). */
	failed: number;
	unseen: number;
}

/** Reads the answers of one window; of the log only segments of that time are opened. */
export async function answersIn(duck: Duck, store: Store, watched: Watched, { from, until }: Span): Promise<AnswersOf> {
	const { model, alias, versions } = watched;
	const relation = await store.log.relation('answers', { since: from, until });
	const inside =
		`model = ${quoteText(model)} AND "at" >= ${instantSql(from)} AND "at" < ${instantSql(until)} AND version IS NOT NULL` +
		(alias === undefined ? '' : ` AND alias = ${quoteText(alias)}`) +
		(versions === undefined ? '' : ` AND version IN (${versions.join(', ') || 'NULL'})`);
	const failed = 'error IS NOT NULL OR unlogged IS NOT NULL';
	const unseen = `starts_with(coalesce(arm, ''), 'shadow-')`;
	const counts = await duck.rows<{ version: number; digest: string; rows: number; failed: number; unseen: number }>(
		`SELECT version, digest, count(*) FILTER (NOT (${failed} OR ${unseen})) AS "rows", ` +
			`CAST(coalesce(sum(coalesce(unlogged, 1)) FILTER (${failed}), 0) AS DOUBLE) AS failed, ` +
			`count(*) FILTER (NOT (${failed}) AND ${unseen}) AS unseen FROM ${relation} WHERE ${inside} GROUP BY ALL ORDER BY version, digest`,
	);
	const answered = counts.filter(({ rows }) => rows > 0);
	const pointed = answered.length > 1 && alias !== undefined ? await store.aliasAt(model, alias, until) : undefined;
	const main = [...answered].sort((a, b) => Number(b.version === pointed) - Number(a.version === pointed) || b.rows - a.rows)[0];
	const sum = (of: 'rows' | 'failed' | 'unseen'): number => counts.reduce((total, count) => total + count[of], 0);
	return {
		rows: sum('rows'),
		versions: answered.map(({ version }) => version),
		...(main ? { main } : {}),
		read: main ? await readRows(duck, `${relation} WHERE ${inside} AND NOT (${failed} OR ${unseen})`, main) : [],
		failed: sum('failed'),
		unseen: sum('unseen'),
	};
}

async function readRows(duck: Duck, from: string, { version, digest, rows }: NonNullable<AnswersOf['main']>): Promise<LoggedRow[]> {
	const sampled = rows > MOST_COMPARED ? ` AND hash(id) % 1000003 < ${Math.round((1_000_003 * MOST_COMPARED) / rows)}` : '';
	const result = await duck.stream(`SELECT input, score FROM ${from} AND version = ${version} AND digest = ${quoteText(digest)}${sampled}`);
	const read: LoggedRow[] = [];
	for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
		const [input, score] = [chunk.getColumnVector(0), chunk.getColumnVector(1)];
		for (let i = 0; i < chunk.rowCount; i++)
			read.push({
				input: (JSON.parse((input.getItem(i) as string | null) ?? '{}') ?? {}) as Record<string, unknown>,
				score: JSON.parse((score.getItem(i) as string | null) ?? '[]') as number[],
			});
	}
	return read;
}
