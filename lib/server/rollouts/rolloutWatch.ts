import { setTimeout as sleep } from 'node:timers/promises';
import { createLease } from '../../app/lease.js';
import { publishCounts } from '../../app/rolloutCounts.js';
import { createRolloutHistory } from '../../app/rolloutHistory.js';
import { abortRollout, promoteRollout, rolloutReady, stepRollout } from '../../app/rollouts.js';
import { numbersOf, sightOf, type TruthReader } from '../../app/rolloutStatus.js';
import { truthReaderOf } from '../../app/truthReader.js';
import { followRunning } from '../../app/runningRollouts.js';
import { MlopsError } from '../../domain/errors.js';
import { armName, candidateAnswers, minus, noCounts, plus, STABLE, type ArmCounts, type Counts } from '../../serve/rollout/counts.js';
import { judge, type Judgement, type Quality, type Sight } from '../../serve/rollout/judgeRollout.js';
import type { Store, StoredRecord } from '../../store/contract.js';
import { AT, BUCKETS, STATUSES, type Labels } from '../metrics/counters.js';
import { monotonic } from './followed.js';
import { createJudgedSince } from './judgedSince.js';
import { createStepTime } from './stepClock.js';

type Rollout = StoredRecord<'rollout'>;

/** How often guards are asked while a rollout runs, and whether one runs while none does. */
const LOOK_MS = 250;
const IDLE_MS = 500;
/** A holder of the lease that was not heard of for this long is taken for gone. */
const TTL_MS = 3_000;
/** How long after one reading of the truth the next begins, at least; it takes a tenth of the time at most. */
const TRUTH_MS = 5_000;
/** Who acts, in the audit log. */
const ACTOR = 'system';

export interface Watched {
	store: Store;
	/** Name of this server, unlike any other's. */
	server: string;
	/** What the listeners counted since they started. */
	sums(): Array<{ labels: Labels; sums: Float64Array }>;
	/** Versions that a listener could not load. */
	failed(): ReadonlyArray<{ model: string; version: number; why: string }>;
	/** The store holds something else now: serve that. */
	changed(): Promise<void>;
	/** Up to when (`monotonic`) the guards of each running rollout are known to have been whole. */
	judged(since: ReadonlyMap<string, number>): Promise<void>;
}

/** What is known of the truth that came back to a rollout, and when to read on. */
interface Known {
	reader?: TruthReader;
	quality?: Quality;
	reading: boolean;
	next: number;
}

/**
 * Looks after the rollouts of a store while a server runs: tells the store what this server counted; and, where this process holds the
 * lease, judges by what all servers counted, and steps, aborts or promotes. Whatever it does is done against the version of the record that
 * was judged, so doing it twice does nothing.
 * @returns stops it, after telling what was counted last
 */
export function startRolloutWatch(watched: Watched): () => Promise<void> {
	const { store, server } = watched;
	const lease = createLease(store, 'rollouts', server, TTL_MS);
	const counting = createCounting(watched);
	const follow = followRunning(store);
	const truths = createTruths(store);
	const history = createRolloutHistory(store);
	const stopped = new AbortController();
	const judgedSince = createJudgedSince();
	const steps = createStepTime(store);
	let holding = false;
	let running: Rollout[] = [];
	/** Rollouts that the last look of this process found whole. */
	let done: string[] = [];

	async function look(): Promise<void> {
		const began = monotonic();
		const doneBefore = done;
		done = [];
		running = await follow();
		await counting.publish(running);
		const names = running.map(({ name }) => name);
		history.only(names);
		judgedSince.only(names);
		steps.only(names);
		truths.only(names);
		if (running.length === 0) {
			if (holding) await lease.release();
			holding = false;
			return;
		}
		holding = await lease.hold(doneBefore);
		if (holding) {
			done = await judgeAll();
			judgedSince.judged(done, began);
		} else {
			const heard = lease.heard();
			if (heard) judgedSince.hear(heard, began);
		}
		await watched.judged(new Map(judgedSince.since));
	}

	/** @returns names of those that go on as they are */
	async function judgeAll(): Promise<string[]> {
		const whole: string[] = [];
		for (const rollout of running) {
			// One that cannot be judged now is no reason to leave the others alone; nobody gets its candidate meanwhile.
			const acted = await watch(rollout).catch((thrown: unknown) => {
				if (MlopsError.from(thrown).code !== 'store.conflict') watchFailed(rollout.name, thrown);
				return true;
			});
			if (acted) await watched.changed();
			else whole.push(rollout.name);
		}
		return whole;
	}

	async function watch(rollout: Rollout): Promise<boolean> {
		const unloadable = Object.fromEntries(
			watched.failed().flatMap(({ model, version, why }) => (model === rollout.body.model ? [[version, why]] : [])),
		);
		const sight = await sightOf(store, rollout.body, { quality: truths.qualityOf(rollout), unloadable });
		const judgement = judge(rollout.body, { ...sight, now: await steps.now(rollout.body) });
		await history.note(rollout.body, judgement, sight);
		return await act(store, rollout, judgement, sight);
	}

	const ended = (async () => {
		while (!stopped.signal.aborted) {
			// Without the store nothing can be decided; servers go on with what they have.
			await look().catch(() => {});
			await sleep(running.length > 0 ? LOOK_MS : IDLE_MS, undefined, { signal: stopped.signal }).catch(() => {});
		}
		await counting.publish(await follow()).catch(() => {});
		await lease.release().catch(() => {});
	})();
	return async () => {
		stopped.abort();
		await ended.catch(() => {});
	};
}

/** The truth that came back to rollouts, as far as it was read. */
function createTruths(store: Store) {
	const truths = new Map<string, Known>();

	/** The quality by the truth that was read so far. More is read meanwhile: the other guards do not wait for that. */
	function qualityOf({ name, body }: Rollout): Quality | undefined {
		if (body.kind !== 'ab' && body.guards?.quality === undefined) return undefined;
		let known = truths.get(name);
		if (!known) truths.set(name, (known = { next: 0, reading: false }));
		if (!known.reading && performance.now() >= known.next) void readOn(known, body).catch((thrown: unknown) => watchFailed(name, thrown));
		return known.quality;
	}

	async function readOn(known: Known, body: Rollout['body']): Promise<void> {
		const started = performance.now();
		known.reading = true;
		try {
			known.reader ??= await truthReaderOf(store, body);
			if (await known.reader?.read()) {
				const { truths } = known.reader!;
				known.quality = truths.size > 0 ? truths.quality() : undefined;
			}
		} finally {
			const now = performance.now();
			known.next = now + Math.max(TRUTH_MS, 10 * (now - started));
			known.reading = false;
		}
	}

	return {
		qualityOf,
		/** Forgets the others. */
		only(names: readonly string[]): void {
			for (const name of truths.keys()) if (!names.includes(name)) truths.delete(name);
		},
	};
}

const watchFailed = (name: string, thrown: unknown): void => {
	process.stderr.write(`The rollout "${name}" cannot be judged now: ${MlopsError.from(thrown).message}\n`);
};

/** Does what the judgement says. @returns whether anything changed */
async function act(store: Store, { name, version: expect, body }: Rollout, judgement: Judgement, sight: Sight): Promise<boolean> {
	const { action, reason, version } = judgement;
	const request = { id: name, actor: ACTOR, reason, expect, numbers: numbersOf(judgement, sight) };
	if ((await store.alias(body.model, body.alias)) !== body.stable) {
		await abortRollout(store, { ...request, reason: `"${body.alias}" does not point to version ${body.stable} any more.` });
		return true;
	}
	if (action === 'abort') await abortRollout(store, request);
	else if (action === 'step') await stepRollout(store, { ...request, answers: candidateAnswers(body, sight.counts) });
	else if (action === 'ready' && !body.ready)
		await ready(store, body.whenDone === 'promote', { ...request, version: version! }, body.stable);
	else return false;
	return true;
}

/** Promotes where that was wished and gate and approval allow it; else says that a person may. */
async function ready(store: Store, byItself: boolean, request: Parameters<typeof rolloutReady>[1], stable: number): Promise<void> {
	if (!byItself) return await rolloutReady(store, request);
	if (request.version === stable) return void (await abortRollout(store, request));
	try {
		await promoteRollout(store, request);
	} catch (thrown) {
		const { code, message } = MlopsError.from(thrown);
		if (!code.startsWith('deploy.')) throw thrown;
		await rolloutReady(store, { ...request, reason: `${request.reason} It was not promoted: ${message}` });
	}
}

/** What this server tells the store of its own counters. */
function createCounting({ store, server, sums }: Watched) {
	/** What the arms had counted for earlier rollouts, whose arms may be called alike. */
	const before = new Map<string, Counts>();
	const told = new Map<string, string>();
	return {
		async publish(running: readonly Rollout[]): Promise<void> {
			for (const { name, body } of running) {
				const now = countsOfArms(sums(), body);
				let base = before.get(name);
				if (!base) {
					base = before.size === 0 ? { edges: BUCKETS, arms: {} } : now;
					before.set(name, base);
				}
				const counted = since(now, base);
				const text = JSON.stringify(counted);
				if (told.get(name) === text || Object.keys(counted.arms).length === 0) continue;
				await publishCounts(store, name, server, counted);
				told.set(name, text);
			}
			for (const name of told.keys()) if (!running.some((r) => r.name === name)) told.delete(name);
		},
	};
}

const since = ({ edges, arms }: Counts, base: Counts): Counts => ({
	edges,
	arms: Object.fromEntries(
		Object.entries(arms).map(([name, counts]) => {
			const earlier = new Map(Object.entries(base.arms)).get(name);
			return [name, earlier ? minus(counts, earlier) : counts];
		}),
	),
});

/** Sums of the arms of a rollout, over all doors. */
function countsOfArms(all: ReturnType<Watched['sums']>, { model, stable, candidates, ...division }: Rollout['body']): Counts {
	const versions = new Map([[STABLE, stable], ...candidates.map(({ version }) => [armName(division, version), version] as const)]);
	const arms = new Map<string, ArmCounts>();
	for (const { labels, sums } of all) {
		if (labels.model !== model || String(versions.get(labels.arm)) !== labels.version) continue;
		arms.set(labels.arm, plus(arms.get(labels.arm) ?? noCounts(BUCKETS.length + 1), countsIn(sums)));
	}
	return { edges: BUCKETS, arms: Object.fromEntries(arms) };
}

function countsIn(sums: Float64Array): ArmCounts {
	const statuses = STATUSES.map((status, i) => ({ status: status as number, n: sums[AT.statuses + i] }));
	const failed = statuses.filter(({ status }) => status >= 500 && status !== 503).reduce((sum, { n }) => sum + n, 0);
	return {
		requests: statuses.reduce((sum, { n }) => sum + n, 0),
		failed,
		rows: sums[AT.rows],
		rowErrors: sums[AT.rowErrors],
		buckets: Array.from(sums.subarray(AT.buckets, AT.buckets + BUCKETS.length + 1)),
		score: sums[AT.score],
		score2: sums[AT.score2],
		pairs: sums[AT.pairs],
		agreeing: sums[AT.agreeing],
		difference: sums[AT.difference],
		skipped: sums[AT.skipped],
	};
}
