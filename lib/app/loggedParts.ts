import { instantSql } from '../data/truth/resolve.js';
import type { PredictionLogEntry, Store } from '../store/contract.js';

/** Entries of the log that are read at a time, about. */
export const ENTRIES_TOGETHER = 65_536;

type Asked = { model: string; since?: string; until?: string };

/**
 * What `store.predictions` gives, oldest first, a part of the time after the other: a long time need not lie in memory. Entries of one
 * moment are in one part.
 */
export async function* loggedParts(
	store: Pick<Store, 'log' | 'predictions'>,
	asked: Asked,
	together = ENTRIES_TOGETHER,
): AsyncGenerator<PredictionLogEntry[], undefined> {
	let since = asked.since;
	for (const until of [...(await momentsBetween(store, asked, together)), asked.until]) {
		yield await store.predictions({ ...asked, since, until });
		since = until;
	}
}

/** Moments that divide the time into parts of about so many entries (of all models). */
async function momentsBetween({ log }: Pick<Store, 'log'>, { since, until }: Asked, together: number): Promise<string[]> {
	if (!(await log.any('answers'))) return [];
	const range = { ...(since === undefined ? {} : { since: iso(since) }), ...(until === undefined ? {} : { until: iso(until) }) };
	const inside = [
		...(range.since === undefined ? [] : [`"at" > ${instantSql(range.since)}`]),
		...(range.until === undefined ? [] : [`"at" < ${instantSql(range.until)}`]),
	];
	const rows = await log.query(
		(relation) =>
			`SELECT DISTINCT strftime("at", '%Y-%m-%dT%H:%M:%S.%gZ') AS moment FROM (SELECT "at", row_number() OVER (ORDER BY "at") AS n ` +
			`FROM ${relation}${inside.length ? ` WHERE ${inside.join(' AND ')}` : ''}) WHERE n % ${together} = 0 ORDER BY moment`,
		'answers',
		range,
	);
	return rows.map(([moment]) => String(moment));
}

const iso = (moment: string): string => new Date(moment).toISOString();
