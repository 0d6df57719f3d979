import { quoteText, type Duck } from '../duck.js';
import { fillTable } from './fillTable.js';
import { SEEN, type TruthLog } from './seenAnswers.js';

/*
 * Callers may tell the truth by their own id of a request, where that means one answer. Of an id that several answers were asked with it is
 * not known which is meant, so none is. An answer's own id always goes before.
 */

/** Answers of one model that were asked with an id of the caller's. */
export interface AskedWith {
	model: string;
	answers: number;
	/** Ids of the first and the last of them. */
	first: string;
	last: string;
}

const groupedSql = (answers: string, ids: string): string =>
	`SELECT request, model, CAST(count(DISTINCT id) AS DOUBLE) AS answers, min(id) AS first, max(id) AS last FROM ${answers} ` +
	`WHERE request IN (SELECT id FROM ${ids}) GROUP BY request, model ORDER BY request, model`;

/** Answers that somebody saw, by the id with which they were asked; of all models. */
async function answersAskedWith(duck: Duck, answers: string, ids: readonly string[]): Promise<Map<string, AskedWith[]>> {
	const found = new Map<string, AskedWith[]>();
	if (ids.length === 0) return found;
	await duck.run('DROP TABLE IF EXISTS requests');
	await fillTable(duck, 'requests', [{ name: 'id', type: 'VARCHAR', values: [...new Set(ids)] }]);
	const rows = await duck.rows<AskedWith & { request: string }>(groupedSql(answers, 'requests'));
	await duck.run('DROP TABLE requests');
	for (const { request, ...of } of rows) found.set(request, [...(found.get(request) ?? []), of]);
	return found;
}

const allSeen = async (log: TruthLog): Promise<string> => `(FROM ${await log.relation('answers')} WHERE ${SEEN})`;

/**
 * Gives those of the table `asked` that were told by the caller's own id of a request the id of the answer which is meant, and sees to it
 * that this one is in the table `named`.
 * @param meant says which one, if any, by what was asked with the id
 * @param look whether all answers must be looked at for it; else `named` has those that were asked with one of the ids
 * @returns the new ids, by number
 */
export async function nameAsked(
	duck: Duck,
	log: TruthLog,
	meant: (n: number, of: readonly AskedWith[]) => string | undefined,
	look: boolean,
): Promise<Map<number, string>> {
	const unknown = await duck.rows<{ n: number; id: string }>(
		'SELECT CAST(a.n AS DOUBLE) AS n, a.id AS id FROM asked a LEFT JOIN named x ON a.id = x.id WHERE a.id IS NOT NULL ' +
			'GROUP BY a.n, a.id HAVING NOT coalesce(bool_or(a.model IS NULL OR a.model = x.model) FILTER (x.id IS NOT NULL), false)',
	);
	const names = new Map<number, string>();
	if (unknown.length === 0) return names;
	const askedWith = await answersAskedWith(
		duck,
		look ? await allSeen(log) : 'named',
		unknown.map(({ id }) => id),
	);
	for (const { n, id } of unknown) {
		const name = meant(n, askedWith.get(id) ?? []);
		if (name !== undefined) names.set(n, name);
	}
	if (names.size === 0) return names;
	await duck.run('DROP TABLE IF EXISTS names');
	await fillTable(duck, 'names', [
		{ name: 'n', type: 'DOUBLE', values: [...names.keys()] },
		{ name: 'id', type: 'VARCHAR', values: [...names.values()] },
	]);
	await duck.run('UPDATE asked SET id = names.id FROM names WHERE asked.n = CAST(names.n AS BIGINT)');
	if (look) {
		const answers = await log.relation('answers', { ids: [...new Set(names.values())] });
		await duck.run(
			`INSERT INTO named SELECT id, key, model, "at", digest, request FROM ${answers} ` +
				`WHERE ${SEEN} AND id IN (SELECT id FROM names) AND id NOT IN (SELECT id FROM named)`,
		);
	}
	await duck.run('DROP TABLE names');
	return names;
}

/**
 * Of the table `lines`, gives those that were told by a caller's id before their answer was there the id of the one answer that was asked
 * with it. `named` has the answers that may be meant, with their `request`.
 */
export async function nameRequests(duck: Duck, log: TruthLog): Promise<void> {
	const candidates = await duck.rows<{ id: string }>(
		'SELECT DISTINCT l.id AS id FROM lines l JOIN named n ON l.id = n.request WHERE l.id NOT IN (SELECT id FROM named)',
	);
	for (const [request, of] of await answersAskedWith(
		duck,
		await allSeen(log),
		candidates.map(({ id }) => id),
	)) {
		// A line may be about one model alone.
		for (const { model, answers, first } of of) {
			const which = of.length === 1 ? `(model IS NULL OR model = ${quoteText(model)})` : `model = ${quoteText(model)}`;
			if (answers === 1) await duck.run(`UPDATE lines SET id = ${quoteText(first)} WHERE id = ${quoteText(request)} AND ${which}`);
		}
	}
}
