import { quoteText } from '../../data/duck.js';
import { instantSql } from '../../data/truth/resolve.js';
import { MlopsError } from '../../domain/errors.js';
import type { MonitorWindow } from '../../domain/monitor.js';
import type { Store } from '../../store/contract.js';
import { windowStart } from '../monitorWindows.js';
import type { Span, Watched } from './contract.js';

/** More windows than this nobody looks at in one go. */
const MOST = 1_000;
const HOUR_MS = 3_600_000;
const iso = (ms: number): string => new Date(ms).toISOString();

/**
 * The windows of a time, the oldest first: days begin at midnight and weeks on Mondays (UTC, which knows no summer time); the first and the
 * last may be cut short. Windows of so many answers end where that many were given, the last one where the time does.
 * @throws `input.invalid` where there would be more than a thousand
 */
export async function windowsIn(store: Store, watched: Watched, span: Span, window: MonitorWindow | undefined): Promise<Span[]> {
	const [from, until] = [Date.parse(span.from), Date.parse(span.until)];
	if (!(from < until))
		throw new MlopsError('input.invalid', 'The time to look at ends before it begins.', { remedy: 'Correct "From" or "Until".' });
	const cuts = !window
		? []
		: window.by === 'time'
			? cutsOfTime(from, until, window.hours)
			: await cutsOfRows(store, watched, span, window.rows);
	if (cuts.length >= MOST)
		throw new MlopsError('input.invalid', `That would be more than ${MOST.toLocaleString('en-US')} windows.`, {
			remedy: 'Choose longer windows or a shorter time.',
		});
	const edges = [from, ...cuts, until];
	return edges.slice(1).map((end, i) => ({ from: iso(edges[i]), until: iso(end) }));
}

function cutsOfTime(from: number, until: number, hours: number): number[] {
	const cuts: number[] = [];
	for (let cut = windowStart(hours, from) + hours * HOUR_MS; cut < until && cuts.length < MOST; cut += hours * HOUR_MS) cuts.push(cut);
	return cuts;
}

/** Answers of one moment stay together. */
async function cutsOfRows(store: Store, { model, alias, versions }: Watched, { from, until }: Span, rows: number): Promise<number[]> {
	const found = await store.log.query(
		(relation) =>
			`SELECT DISTINCT edge FROM (SELECT epoch_ms("at")::DOUBLE + 1 AS edge, row_number() OVER (ORDER BY "at", id) AS n, ` +
			`count(*) OVER () AS total FROM ${relation} WHERE model = ${quoteText(model)} ` +
			`AND "at" >= ${instantSql(from)} AND "at" < ${instantSql(until)} AND error IS NULL AND unlogged IS NULL ` +
			`AND NOT starts_with(coalesce(arm, ''), 'shadow-')` +
			`${alias === undefined ? '' : ` AND alias = ${quoteText(alias)}`}` +
			`${versions === undefined ? '' : ` AND version IN (${versions.join(', ') || 'NULL'})`}) ` +
			`WHERE n % ${rows} = 0 AND n < total ORDER BY edge LIMIT ${MOST}`,
		'answers',
		{ since: from, until },
	);
	return (found as number[][]).map(([at]) => at).filter((at) => at < Date.parse(until));
}
