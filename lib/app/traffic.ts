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
	const group = `epoch_ms(time_bucket(INTERVAL '${step} minutes', minute, TIMESTAMP '2000-01-01'))::DOUBLE AS t, version, arm, door`;
	const where = `WHERE model = '${model.replaceAll("'", "''")}' AND minute >= TIMESTAMP '${since}' AND minute < TIMESTAMP '${until}'`;
	const sums = ['answers', 'errors', 'warnings', 'unlogged', 'timed', 'ms_sum', 'scored', 'score_sum', 'score_squares'];
	const query = async (select: (minutes: string) => string) => await store.log.query(select, 'minutes', { since, until });
	const rows = await query(
		(minutes) =>
			`SELECT ${group}, ${sums.map((name) => `sum(${name})::DOUBLE`).join(', ')} FROM ${minutes} ${where} GROUP BY ALL ORDER BY ALL`,
	);
	const counted = async (column: string) =>
		grouped(
			await query(
				(minutes) =>
					`SELECT t, version, arm, door, e.key, sum(e.value)::DOUBLE AS n FROM (SELECT ${group}, unnest(map_entries(${column})) AS e FROM ` +
					`${minutes} ${where}) GROUP BY ALL ORDER BY t, n DESC, e.key`,
			),
		);
	const [times, classes] = [await counted('ms_counts'), await counted('classes')];
	return rows.map((row) => trafficIn(row, times.get(keyOf(row)) ?? [], classes.get(keyOf(row)) ?? []));
}

type Counted = ReadonlyArray<readonly [key: unknown, count: number]>;

const keyOf = (row: readonly unknown[]): string => JSON.stringify(row.slice(0, 4));

function grouped(rows: unknown[][]): Map<string, Counted> {
	const found = new Map<string, Array<Counted[number]>>();
	for (const row of rows) {
		const entry: Counted[number] = [row[4], Number(row[5])];
		const known = found.get(keyOf(row));
		if (known) known.push(entry);
		else found.set(keyOf(row), [entry]);
	}
	return found;
}

function trafficIn(row: unknown[], times: Counted, classes: Counted): Traffic {
	const [t, version, arm, door, ...sums] = row as [number, number | null, string | null, string | null, ...number[]];
	const [answers, errors, warnings, unlogged, timed, msSum, scored, scoreSum, scoreSquares] = sums;
	const mean = scoreSum / scored;
	return {
		at: new Date(t).toISOString(),
		...(version === null ? {} : { version }),
		...(arm === null ? {} : { arm }),
		...(door === null ? {} : { door }),
		answers,
		errors,
		warnings,
		unlogged,
		...(timed > 0 ? { ms: { mean: msSum / timed, p50: quantile(times, 0.5), p90: quantile(times, 0.9), p99: quantile(times, 0.99) } } : {}),
		...(scored > 0 ? { score: { mean, deviation: Math.sqrt(Math.max(0, scoreSquares / scored - mean * mean)) } } : {}),
		classes: classes.map(([key, count]) => ({ class: String(key), count })),
	};
}

/** The middle, in logarithms, of the bucket in which a quantile lies (ms); `counts` are those of the roll-ups' `ms_counts`. */
export function quantile(counts: Counted, p: number): number {
	const buckets = counts.map(([key, count]) => [Number(key), count] as const).sort((a, b) => a[0] - b[0]);
	let left = p * buckets.reduce((sum, [, count]) => sum + count, 0);
	for (const [bucket, count] of buckets) {
		left -= count;
		if (left <= 0) return 2 ** ((bucket + 0.5) / BUCKETS);
	}
	return Number.NaN;
}
