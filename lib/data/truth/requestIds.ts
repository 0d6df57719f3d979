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

const GROUPED = 'SELECT request, model, CAST(count(DISTINCT id) AS DOUBLE) AS answers, min(id) AS first, max(id) AS last';

/** Answers that somebody saw, by the id with which they were asked; of all models. */
export async function answersAskedWith(duck: Duck, log: TruthLog, ids: readonly string[]): Promise<Map<string, AskedWith[]>> {
	const found = new Map<string, AskedWith[]>();
	if (ids.length === 0) return found;
	await duck.run('DROP TABLE IF EXISTS requests');
	await fillTable(duck, 'requests', [{ name: 'request', type: 'VARCHAR', values: [...new Set(ids)] }]);
	const rows = await duck.rows<AskedWith & { request: string }>(
		`${GROUPED} FROM ${await log.relation('answers')} WHERE ${SEEN} AND request IN (SELECT request FROM requests) ` +
			'GROUP BY request, model ORDER BY request, model',
	);
	await duck.run('DROP TABLE requests');
	for (const { request, ...of } of rows) found.set(request, [...(found.get(request) ?? []), of]);
	return found;
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
		log,
		candidates.map(({ id }) => id),
	)) {
		// A line may be about one model alone.
		for (const { model, answers, first } of of) {
			const which = of.length === 1 ? `(model IS NULL OR model = ${quoteText(model)})` : `model = ${quoteText(model)}`;
			if (answers === 1) await duck.run(`UPDATE lines SET id = ${quoteText(first)} WHERE id = ${quoteText(request)} AND ${which}`);
		}
	}
}
