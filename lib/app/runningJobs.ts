import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { z } from 'zod/v4';
import { cancelledError } from '../domain/cancel.js';
import { MlopsError } from '../domain/errors.js';
import type { Context, Progress } from '../domain/progress.js';
import { curvePoint, leaderboardRow } from '../domain/run.js';
import type { Store } from '../store/contract.js';

/**
 * Jobs that run now, whoever asked for them (a node, the command line, a script, a server), as rows of the store's progress: the process
 * that asked keeps its row up to date, looks there whether somebody wishes the job to stop, and takes the row away at the end.
 */

const PREFIX = 'job:';
const WISH = 'jobWish:';
/** Shorter work is not worth a row. */
const FIRST_MS = 300;
/** How often a row is written at most, and how often at least. */
const SAY_MS = 1_000;
const BEAT_MS = 2_000;
/** How often somebody's wish is looked for: who presses a button waits. */
const HEAR_MS = 400;
/** A row that was not written for so long is of a process that is gone; on this machine one that is gone is known sooner. */
const LOST_MS = 30_000;
const GONE_MS = 5_000;
/** Lost ones are shown for an hour. */
const SHOWN_MS = 3_600_000;

/** Whose canvas a job came from. */
export const jobOrigin = z.object({
	workflow: z.string().optional(),
	execution: z.string().optional(),
	node: z.string().optional(),
	/** Of the execution in n8n. */
	url: z.string().optional(),
});
export type JobOrigin = z.infer<typeof jobOrigin>;

/** What a job is about, as far as its input says. */
const jobAbout = z.object({
	model: z.string().optional(),
	dataset: z.object({ id: z.string(), name: z.string().optional(), version: z.number().int().optional() }).optional(),
	learner: z.string().optional(),
	target: z.string().optional(),
});
export type JobAbout = z.infer<typeof jobAbout>;

export const jobRow = z.object({
	id: z.string(),
	/** Id of what it does: `train`, `evaluate`, ... */
	job: z.string(),
	about: jobAbout,
	/** Who started it. */
	by: z.string(),
	origin: jobOrigin.optional(),
	startedAt: z.string(),
	/** Absent until it has begun. */
	stage: z.string().optional(),
	/** 0 to 1. */
	share: z.number().optional(),
	secondsLeft: z.number().optional(),
	metric: z.object({ name: z.string(), value: z.number() }).optional(),
	curve: z.object({ metric: z.string(), points: z.array(curvePoint) }).optional(),
	leaderboard: z.array(leaderboardRow).optional(),
	/** Whether it can end early with the best that it has. */
	keepsBest: z.boolean(),
	/** What somebody wished of it. */
	wish: z.object({ how: z.enum(['stop', 'keepBest']), by: z.string(), at: z.string() }).optional(),
	process: z.object({ host: z.string(), pid: z.number().int() }),
});
export type JobRow = z.infer<typeof jobRow>;
export type JobWish = NonNullable<JobRow['wish']>;

export interface RunningJob extends JobRow {
	/** When it was heard of last. */
	at: string;
	/** `lost`: its process is gone, or cannot reach the store. */
	state: 'running' | 'lost';
}

type JobStore = Pick<Store, 'progress' | 'setProgress' | 'clearProgress' | 'progressUnder'>;

/** Names that inputs of jobs give to what they are about. */
const known = z.object({
	modelName: z.string().optional().catch(undefined),
	datasetId: z.string().optional().catch(undefined),
	name: z.string().optional().catch(undefined),
	spec: z.object({ learner: z.string().optional(), target: z.string().optional() }).optional().catch(undefined),
});

async function aboutOf(store: Pick<Store, 'get'>, input: unknown): Promise<JobAbout> {
	const { data = {} } = known.safeParse(input);
	const record = data.datasetId === undefined ? undefined : await store.get('dataset', data.datasetId).catch(() => undefined);
	return {
		...(data.modelName ? { model: data.modelName } : {}),
		...(data.datasetId === undefined ? {} : { dataset: { id: data.datasetId, name: record?.name, version: record?.version } }),
		...(record === undefined && data.name ? { dataset: { id: '', name: data.name } } : {}),
		...(data.spec?.learner ? { learner: data.spec.learner } : {}),
		...(data.spec?.target ? { target: data.spec.target } : {}),
	};
}

export interface Followed {
	store: Store;
	actor: string;
	origin?: JobOrigin;
	context: Context;
}

/** Runs work as a job that others see, and may stop. `work` gets the context that hears both the caller's and their wishes. */
export async function followed<T>(
	{ store, actor, origin, context }: Followed,
	{ job, input }: { job: string; input: unknown },
	work: (context: Context) => Promise<T>,
): Promise<T> {
	const id = `job_${randomBytes(8).toString('hex')}`;
	const stop = new AbortController();
	const best = new AbortController();
	const row: JobRow = {
		...{ id, job, by: actor, about: {}, startedAt: new Date().toISOString(), keepsBest: job === 'train' },
		...(origin ? { origin } : {}),
		process: { host: hostname(), pid: process.pid },
	};
	let writing: Promise<unknown> | undefined;
	let said = 0;
	let shown = false;

	async function look(): Promise<void> {
		if (!shown) {
			shown = true;
			row.about = await aboutOf(store, input);
			await forgetOld(store);
		}
		await hear();
		said = Date.now();
		await store.setProgress(PREFIX + id, row);
	}
	async function hear(): Promise<void> {
		const wish = wishIn(await store.progress(WISH + id));
		if (wish) row.wish = wish;
		if (wish?.how === 'keepBest') best.abort();
		if (wish?.how === 'stop') stop.abort();
	}
	/** One at a time; a mark that is missed harms nobody, so a failure here must not end the work. */
	const say = (what = look): void => {
		writing ??= what()
			.catch(() => {})
			.finally(() => {
				writing = undefined;
			});
	};
	const first = setTimeout(say, FIRST_MS).unref();
	const beat = setInterval(() => {
		if (Date.now() - said >= BEAT_MS) say();
		else if (shown) say(hear);
	}, HEAR_MS).unref();
	try {
		return await work({
			...context,
			progress(progress) {
				context.progress(progress);
				Object.assign(row, shownOf(progress));
				if (shown && Date.now() - said >= SAY_MS) say();
			},
			signal: AbortSignal.any([context.signal, stop.signal]),
			keepBest: context.keepBest ? AbortSignal.any([context.keepBest, best.signal]) : best.signal,
		});
	} catch (thrown) {
		if (row.wish?.how === 'stop' && stop.signal.aborted) throw cancelledError(`The job "${job}"`, row.wish.by);
		throw thrown;
	} finally {
		clearTimeout(first);
		clearInterval(beat);
		await writing;
		if (shown) for (const key of [PREFIX + id, WISH + id]) await store.clearProgress(key).catch(() => {});
	}
}

/** What a row takes over of progress; what it does not say stays as it was said last. */
const shownOf = ({ stage, share, secondsLeft, metric, curve, leaderboard }: Progress): Partial<JobRow> => ({
	...{ stage, share, secondsLeft },
	...(metric ? { metric } : {}),
	...(curve ? { curve: { metric: curve.metric, points: [...curve.points] } } : {}),
	...(leaderboard ? { leaderboard: [...leaderboard] } : {}),
});

const wishSchema = jobRow.shape.wish.unwrap();
const wishIn = (stored: unknown): JobWish | undefined => wishSchema.safeParse(stored).data;

async function forgetOld(store: JobStore): Promise<void> {
	for (const { key, at } of [...(await store.progressUnder(PREFIX)), ...(await store.progressUnder(WISH))])
		if (Date.now() - Date.parse(at) > SHOWN_MS) await store.clearProgress(key);
}

/** All jobs that run now, and those that were lost within the last hour; the latest first. */
export async function runningJobs(store: Pick<Store, 'progressUnder'>): Promise<RunningJob[]> {
	const now = Date.now();
	const found = (await store.progressUnder(PREFIX)).flatMap(({ progress, at }): RunningJob[] => {
		const age = now - Date.parse(at);
		const read = jobRow.safeParse(progress);
		return read.success && age <= SHOWN_MS ? [{ ...read.data, at, state: isLost(read.data, age) ? 'lost' : 'running' }] : [];
	});
	return found.sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
}

function isLost({ process: { host, pid } }: JobRow, age: number): boolean {
	if (age > LOST_MS) return true;
	if (age <= GONE_MS || host !== hostname()) return false;
	try {
		process.kill(pid, 0);
		return false;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'ESRCH';
	}
}

/**
 * Asks a running job to stop, or a training to end with the best it has; it hears that within seconds. Said in the audit log.
 * @throws `store.not_found` where no such job runs, `input.invalid` where it has nothing to keep
 */
export async function wishOf(
	store: JobStore & Pick<Store, 'audit'>,
	{ id, how, by, reason }: { id: string; how: JobWish['how']; by: string; reason?: string },
): Promise<RunningJob> {
	const job = (await runningJobs(store)).find((found) => found.id === id);
	if (!job || job.state === 'lost')
		throw new MlopsError('store.not_found', job ? 'The process of this job is gone.' : 'This job does not run any more.', {
			remedy: 'Look at the list of trainings.',
		});
	if (how === 'keepBest' && !job.keepsBest)
		throw new MlopsError('input.invalid', `A job "${job.job}" has nothing to keep before its end.`, { remedy: 'Stop it.' });
	const wish: JobWish = { how, by, at: new Date().toISOString() };
	await store.setProgress(WISH + id, wish);
	await store.audit({
		actor: by,
		action: how === 'stop' ? 'job.stopped' : 'job.kept_best',
		subject: job.about.model ?? job.about.dataset?.name ?? job.job,
		details: { job: job.job, id, ...(reason ? { reason } : {}) },
	});
	return { ...job, wish };
}
