import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { MlopsError } from '../../domain/errors.js';
import { cancelledError } from '../../domain/cancel.js';
import { GRACE_MS, type ChildMessage, type Outcome } from '../messages.js';
import { ownProcess } from '../ownProcess.js';
import { runInThread } from '../runInThread.js';
import { createLease } from './attend.js';
import { BEAT_MS, LEASE_MS, type JobBoard, type JobEnding, type JobSaid } from './board.js';

const TURN_MS = 200;

/**
 * Runs a posted job in this process, which is there for nothing else: claims it, says how it goes, stops it when it is to stop or when
 * nobody waits for it any more, and leaves its ending on the board.
 * @param entry compiled file that calls `serveJobs`
 * @param signal says that this process is to end
 * @param leaseMs how long a silent asker is believed to live
 * @returns how it ended, and whether what is left of it can be ended only with the process
 * @throws `input.invalid` where no such job waits
 */
export async function runPosted(
	board: JobBoard,
	id: string,
	entry: string,
	signal: AbortSignal,
	leaseMs = LEASE_MS,
): Promise<{ outcome: Outcome; stuck: boolean }> {
	const call = await board.claim(id, `${hostname()}, process ${process.pid}`);
	if (!call) throw noSuchJob(id);
	ownProcess();
	const said: JobSaid = { notes: [], memoryBytes: 0 };
	let news = false;
	let ending: JobEnding | undefined;
	const running = runInThread(entry, call, (message: ChildMessage) => {
		news = true;
		if (message.type === 'progress') said.progress = message.progress;
		else if (message.type === 'note') said.notes.push({ code: message.code, text: message.text });
		else if (message.type === 'memory') said.memoryBytes = message.bytes;
		else ending = { outcome: message.outcome, peakMemoryBytes: message.peakMemoryBytes, seconds: message.seconds };
	});
	const failed = (error: MlopsError): JobEnding => ({
		outcome: { ok: false, error: error.toJSON() },
		peakMemoryBytes: said.memoryBytes,
		seconds: 0,
	});

	const lease = createLease(leaseMs);
	let told = false;
	let stopping: { error: MlopsError; since: number } | undefined;
	for (let beatAt = -Infinity; !ending; ) {
		if (news || performance.now() - beatAt > BEAT_MS) {
			news = false;
			beatAt = performance.now();
			await board.say(id, said);
		}
		const job = await board.look(id);
		const error = stopping
			? undefined
			: whyStop(call.job, { signal, cancelled: !job || job.cancelled, alone: !job || lease.isOver(job.askerBeat) });
		if (error) {
			stopping = { error, since: performance.now() };
			running.cancel();
		} else if (job?.keepBest && !told) {
			told = true;
			running.keepBest();
		}
		// A thread that is stuck in native code does not hear it.
		if (stopping && performance.now() - stopping.since > GRACE_MS + 500) ending ??= failed(stopping.error);
		await Promise.race([running.ended, pause(TURN_MS)]);
	}
	if (news) await board.say(id, said);
	await board.end(id, stopping ? failed(stopping.error) : ending);
	const stuck = (await Promise.race([running.ended, pause(GRACE_MS, 'stuck' as const, { ref: false })])) === 'stuck';
	return { outcome: ending.outcome, stuck };
}

function whyStop(
	job: string,
	{ signal, cancelled, alone }: { signal: AbortSignal; cancelled: boolean; alone: boolean },
): MlopsError | undefined {
	if (cancelled) return cancelledError(`The job "${job}"`);
	if (alone) return new MlopsError('compute.task_died', `Nobody waits for the job "${job}" any more.`);
	if (!signal.aborted) return undefined;
	return new MlopsError('compute.task_died', `The process that ran the job "${job}" was told to end.`, { remedy: 'Run again.' });
}

const noSuchJob = (id: string): MlopsError =>
	new MlopsError('input.invalid', `No job "${id}" waits in this store.`, {
		remedy: 'A job is run once. See: mlops job list',
	});
