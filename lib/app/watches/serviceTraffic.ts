import type { Store } from '../../store/contract.js';
import { quantile } from '../traffic.js';
import type { WatchedAnswers } from './contract.js';

/** How far back what is usual is looked for. */
const PAST_DAYS = 56;
/** Windows of the past that are counted at most. */
const MOST_SLOTS = 5_000;

/** What was answered in one window. */
export interface Slot {
	answers: number;
	errors: number;
	unlogged: number;
	/** Answers whose time was measured, and its quantiles (ms, to within 9 %). */
	timed: number;
	p50?: number;
	p99?: number;
}

export interface ServiceTraffic {
	/** By how many windows later than the one that is looked at (0); the past is below. Windows without any answer are not there. */
	slots: Map<number, Slot>;
	/** Versions that answered in the window. */
	versions: number[];
	/** Moment of the first answer in the time that was looked at (ms), to the minute. */
	first?: number;
}

/** What a model answered in a window and in those before it; shadows, whose answers nobody saw, are not in it. */
export async function serviceTraffic(store: Store, { model, versions, from, until }: WatchedAnswers): Promise<ServiceTraffic> {
	const start = Date.parse(from);
	const length = Date.parse(until) - start;
	const past = Math.min(MOST_SLOTS, Math.floor((PAST_DAYS * 86_400_000) / length));
	const since = new Date(start - past * length).toISOString();
	const slot = `CAST(floor((epoch_ms(minute) - ${start}) / ${length}) AS INTEGER)`;
	const where =
		`WHERE model = '${model.replaceAll("'", "''")}' AND minute >= TIMESTAMP '${since}' AND minute < TIMESTAMP '${until}' ` +
		`AND (arm IS NULL OR NOT starts_with(arm, 'shadow-'))${versions ? ` AND version IN (${[-1, ...versions].join(', ')})` : ''}`;
	const query = async (select: (minutes: string) => string) => await store.log.query(select, 'minutes', { since, until });
	const sums = ['answers', 'errors', 'unlogged', 'timed'];
	const rows = (await query(
		(minutes) =>
			`SELECT ${slot} AS slot, ${sums.map((name) => `sum(${name})::DOUBLE`).join(', ')}, epoch_ms(min(minute))::DOUBLE, ` +
			`array_to_string(list_sort(list(DISTINCT version) FILTER (WHERE version IS NOT NULL)), ',') FROM ${minutes} ${where} ` +
			`GROUP BY ALL ORDER BY slot`,
	)) as Array<[number, number, number, number, number, number, string | null]>;
	const times = timesOf(
		(await query(
			(minutes) =>
				`SELECT slot, e.key::DOUBLE, sum(e.value)::DOUBLE FROM (SELECT ${slot} AS slot, unnest(map_entries(ms_counts)) AS e FROM ` +
				`${minutes} ${where}) GROUP BY ALL ORDER BY 1, 2`,
		)) as Array<[number, number, number]>,
	);
	const slots = new Map(
		rows.map(([at, answers, errors, unlogged, timed]) => [at, { answers, errors, unlogged, timed, ...times.get(at) }] as const),
	);
	const now = rows.find(([at]) => at === 0);
	const found = now?.[6];
	return { slots, versions: found ? found.split(',').map(Number) : [], ...(rows.length > 0 ? { first: rows[0][5] } : {}) };
}

function timesOf(rows: ReadonlyArray<[slot: number, bucket: number, n: number]>): Map<number, { p50: number; p99: number }> {
	const bySlot = new Map<number, Array<[bucket: number, n: number]>>();
	for (const [slot, bucket, n] of rows) {
		const known = bySlot.get(slot);
		if (known) known.push([bucket, n]);
		else bySlot.set(slot, [[bucket, n]]);
	}
	return new Map([...bySlot].map(([slot, counts]) => [slot, { p50: quantile(counts, 0.5), p99: quantile(counts, 0.99) }]));
}
