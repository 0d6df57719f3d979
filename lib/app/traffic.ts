import { MlopsError } from '../domain/errors.js';
import type { Store } from '../store/contract.js';
import { BUCKETS } from '../store/log/minutes.js';
import { instant } from '../store/log/lines.js';

/** Steps that a question may have at most: a chart has no more points, and what is counted stays small. */
const MOST_STEPS = 2_000;
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

export interface TrafficRequest {
	/** Name of a model; all its versions are counted, each for itself. */
	model: string;
	/** ISO 8601; a day before `until`, unless it is given. */
	since?: string;
	/** ISO 8601; now, unless it is given. */
	until?: string;
	/** Minutes that are put together, at least 1. */
	step?: number;
}

/** What a version answered in one step of time, by the arm of a rollout and the door. */
export interface Traffic {
	/** When the step begins, ISO 8601. */
	at: string;
	version?: number;
	arm?: string;
	door?: string;
	/** Rows that were asked about, those that had no answer among them. */
	answers: number;
	errors: number;
	/** Answers with a warning about a value. */
	warnings: number;
	/** Answers that are not in the log. */
	unlogged: number;
	/** Milliseconds from a request to its answer, where they were measured; quantiles to within 9 %. */
	ms?: { mean: number; p50: number; p90: number; p99: number };
	/** Of the first score: the probability of the positive or first class, or the value. */
	score?: { mean: number; deviation: number };
	/** How often each class was predicted, the most frequent first; at most fifty a minute are counted. */
	classes: Array<{ class: string; count: number }>;
}

/**
 * What a model answered over time, from the roll-ups of the log, the oldest first. What versions logged that had no segments is not in it.
 * @throws `input.invalid`
 */
export async function trafficOf(store: Store, { model, step = 1, ...asked }: TrafficRequest): Promise<Traffic[]> {
	const until = asked.until === undefined ? new Date().toISOString() : instant(asked.until);
	const since = asked.since === undefined ? new Date(Date.parse(until) - DAY_MS).toISOString() : instant(asked.since);
	const steps = (Date.parse(until) - Date.parse(since)) / MINUTE_MS / step;
	if (!Number.isInteger(step) || step < 1 || steps > MOST_STEPS)
		throw new MlopsError('input.invalid', `A step of ${step} minutes does not fit a time from ${since} to ${until}.`, {
			expected: `whole minutes, at most ${MOST_STEPS} steps in all`,
			remedy: 'Choose a longer step or a shorter time.',
		});
	const found = await trafficBlocks(store, { model, since, until, step });
	return found.map(trafficIn);
}

/** What was answered in a step of time, by model, version, arm and door, with sums that add up. */
export interface TrafficBlock {
	/** When the step begins (ms). */
	t: number;
	model: string;
	version: number | null;
	arm: string | null;
	door: string | null;
	sums: TrafficSums;
	/** Answers by the bucket of their milliseconds (`store/log/minutes.ts`), and by predicted class. */
	times: ReadonlyMap<number, number>;
	classes: ReadonlyMap<string, number>;
}

const SUMS = ['answers', 'errors', 'warnings', 'unlogged', 'timed', 'ms_sum', 'scored', 'score_sum', 'score_squares'] as const;
export type TrafficSums = Record<(typeof SUMS)[number], number>;

/** Blocks of `step` minutes between two moments, of one model or of all, the oldest first. */
export async function trafficBlocks(
	store: Store,
	{ model, since, until, step }: { model?: string; since: string; until: string; step: number },
): Promise<TrafficBlock[]> {
	const t = `epoch_ms(time_bucket(INTERVAL '${step} minutes', minute, TIMESTAMP '2000-01-01'))::DOUBLE AS t`;
	const group = `${t}, model, version, arm, door`;
	const ofModel = model === undefined ? '' : `model = '${model.replaceAll("'", "''")}' AND `;
	const where = `WHERE ${ofModel}minute >= TIMESTAMP '${since}' AND minute < TIMESTAMP '${until}'`;
	const query = async (select: (minutes: string) => string) => await store.log.query(select, 'minutes', { since, until });
	const rows = await query(
		(minutes) =>
			`SELECT ${group}, ${SUMS.map((name) => `sum(${name})::DOUBLE`).join(', ')} FROM ${minutes} ${where} GROUP BY ALL ORDER BY ALL`,
	);
	// A text for each block, which is read when somebody looks at it: most are of models that nobody asked about.
	const counted = async (column: string, order: string): Promise<ReadonlyMap<string, string>> => {
		const found = await query(
			(minutes) =>
				`SELECT t, model, version, arm, door, to_json(list([key, n::VARCHAR] ORDER BY ${order}))::VARCHAR FROM ` +
				`(SELECT t, model, version, arm, door, e.key::VARCHAR AS key, sum(e.value) AS n FROM (SELECT ${group}, ` +
				`unnest(map_entries(${column})) AS e FROM ${minutes} ${where}) GROUP BY ALL) GROUP BY ALL`,
		);
		return new Map(found.map((row) => [keyOf(row), String(row[5])]));
	};
	const [times, classes] = [await counted('ms_counts', 'key::INTEGER'), await counted('classes', 'n DESC, key')];
	return rows.map((row): TrafficBlock => {
		const [at, of, version, arm, door, ...sums] = row as [number, string, number | null, string | null, string | null, ...number[]];
		const read = { times: countsIn(times.get(keyOf(row)), Number), classes: countsIn(classes.get(keyOf(row)), String) };
		return {
			...{ t: at, model: of, version, arm, door },
			sums: Object.fromEntries(SUMS.map((name, i) => [name, sums[i]])) as TrafficSums,
			get times() {
				return read.times();
			},
			get classes() {
				return read.classes();
			},
		};
	});
}

/** The counts that a text holds, read once. */
function countsIn<K>(text = '[]', keyOf: (key: string) => K): () => ReadonlyMap<K, number> {
	let known: ReadonlyMap<K, number> | undefined;
	return () => (known ??= new Map((JSON.parse(text) as Array<[string, string]>).map(([key, n]) => [keyOf(key), Number(n)])));
}

/** Several blocks as one, of the first one's time and names. */
export function addedUp(blocks: readonly TrafficBlock[]): TrafficBlock {
	const added = <K>(maps: ReadonlyArray<ReadonlyMap<K, number>>): Map<K, number> => {
		const all = new Map<K, number>();
		for (const map of maps) for (const [k, n] of map) all.set(k, (all.get(k) ?? 0) + n);
		return all;
	};
	const sums = Object.fromEntries(SUMS.map((name) => [name, blocks.reduce((sum, block) => sum + block.sums[name], 0)])) as TrafficSums;
	return { ...blocks[0], sums, times: added(blocks.map((b) => b.times)), classes: added(blocks.map((b) => b.classes)) };
}

const keyOf = ([t, model, version, arm, door]: readonly unknown[]): string => [t, model, version, arm, door].join('\0');

/** Figures of a block. */
export function trafficIn({ t, version, arm, door, sums, times, classes }: TrafficBlock): Traffic {
	const { answers, errors, warnings, unlogged, timed, ms_sum: msSum, scored, score_sum: scoreSum, score_squares: squares } = sums;
	const mean = scoreSum / scored;
	return {
		at: new Date(t).toISOString(),
		...(version === null ? {} : { version }),
		...(arm === null ? {} : { arm }),
		...(door === null ? {} : { door }),
		...{ answers, errors, warnings, unlogged },
		...(timed > 0 ? { ms: { mean: msSum / timed, ...latencies(times) } } : {}),
		...(scored > 0 ? { score: { mean, deviation: Math.sqrt(Math.max(0, squares / scored - mean * mean)) } } : {}),
		classes: [...classes].map(([called, count]) => ({ class: called, count })).sort((a, b) => b.count - a.count),
	};
}

function latencies(times: TrafficBlock['times']) {
	const sorted = [...times].sort((a, b) => a[0] - b[0]);
	return { p50: quantile(sorted, 0.5), p90: quantile(sorted, 0.9), p99: quantile(sorted, 0.99) };
}

/** The middle, in logarithms, of the bucket in which a quantile lies (ms); `counts` are those of the roll-ups' `ms_counts`. */
export function quantile(counts: Iterable<readonly [key: unknown, count: number]>, p: number): number {
	const buckets = [...counts].map(([key, count]) => [Number(key), count] as const).sort((a, b) => a[0] - b[0]);
	let left = p * buckets.reduce((sum, [, count]) => sum + count, 0);
	for (const [bucket, count] of buckets) {
		left -= count;
		if (left <= 0) return 2 ** ((bucket + 0.5) / BUCKETS);
	}
	return Number.NaN;
}
