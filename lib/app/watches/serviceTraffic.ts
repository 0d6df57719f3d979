import type { Store } from '../../store/contract.js';
import { quantile } from '../traffic.js';
import type { Span, Watched } from './contract.js';

const CHAMPION = 'champion';
/** How far back what is usual is looked for. */
const PAST_DAYS = 56;
/** Windows of the past that are counted at most. */
export const MOST_SLOTS = 5_000;

/** What was answered in one window. */
export interface Slot {
	answers: number;
	errors: number;
	unlogged: number;
	/** Answers whose time was measured, and its quantiles (ms, to within 9 %). */
	timed: number;
	p50?: number;
	p99?: number;
	/** Versions that answered. */
	versions: number[];
}

export interface ServiceTraffic {
	/** By how many windows later than the first one that is looked at (0); the past is below. Windows without any answer are not there. */
	slots: Map<number, Slot>;
	/** Moment of the first answer in the time that was looked at (ms), to the minute. */
	first?: number;
}

/**
 * What a model answered in windows of one length and in those before the first, by an alias or of some versions where that is asked;
 * shadows, whose answers nobody saw, are not in it.
 * @param first the first window
 * @param until the end of the last one
 */
export async function serviceTraffic(
	store: Store,
	{ model, alias, versions }: Watched,
	first: Span,
	until: string,
): Promise<ServiceTraffic> {
	const start = Date.parse(first.from);
	const length = Date.parse(first.until) - start;
	const past = Math.min(MOST_SLOTS, Math.floor((PAST_DAYS * 86_400_000) / length));
	const since = new Date(start - past * length).toISOString();
	const slot = `CAST(floor((epoch_ms(minute) - ${start}) / ${length}) AS INTEGER)`;
	const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;
	// Who names a version alone is served by no alias, and old roll-ups do not know theirs: they count for the champion.
	const asked = alias === undefined ? '' : ` AND (alias = ${text(alias)}${alias === CHAMPION ? ' OR alias IS NULL' : ''})`;
	const where =
		`WHERE model = ${text(model)} AND minute >= TIMESTAMP '${since}' AND minute < TIMESTAMP '${until}' ` +
		`AND (arm IS NULL OR NOT starts_with(arm, 'shadow-'))${asked}` +
		(versions ? ` AND version IN (${[-1, ...versions].join(', ')})` : '');
	const sums = ['answers', 'errors', 'unlogged', 'timed'];
	const rows = (await store.log.query(
		(minutes) =>
			`WITH kept AS MATERIALIZED (SELECT * FROM ${minutes} ${where}), times AS (SELECT slot, list([bucket, n] ORDER BY bucket) AS counts ` +
			`FROM (SELECT slot, e.key::DOUBLE AS bucket, sum(e.value)::DOUBLE AS n FROM ` +
			`(SELECT ${slot} AS slot, unnest(map_entries(ms_counts)) AS e FROM kept) GROUP BY ALL) GROUP BY ALL) ` +
			`SELECT slot, ${sums.map((name) => `sum(${name})::DOUBLE`).join(', ')}, ` +
			`epoch_ms(min(minute))::DOUBLE, to_json(list_sort(list(DISTINCT version) FILTER (WHERE version IS NOT NULL)))::VARCHAR, ` +
			`to_json(any_value(counts))::VARCHAR FROM (SELECT *, ${slot} AS slot FROM kept) LEFT JOIN times USING (slot) ` +
			`GROUP BY slot ORDER BY slot`,
		'minutes',
		{ since, until },
	)) as Array<[number, number, number, number, number, number, string | null, string | null]>;
	const slots = new Map(
		rows.map(([at, answers, errors, unlogged, timed, , found, counts]) => {
			const times = counts ? (JSON.parse(counts) as Array<[number, number]>) : [];
			const quantiles = times.length > 0 ? { p50: quantile(times, 0.5), p99: quantile(times, 0.99) } : {};
			const answered = found ? (JSON.parse(found) as number[]) : [];
			return [at, { answers, errors, unlogged, timed, ...quantiles, versions: answered }] as const;
		}),
	);
	return { slots, ...(rows.length > 0 ? { first: rows[0][5] } : {}) };
}
