import { MlopsError } from '../../domain/errors.js';
import type { JobCall } from '../messages.js';
import { processEnded, type Ending } from '../processEnded.js';
import { BEAT_MS, LEASE_MS, type JobBoard, type JobEnding, type PostedJob } from './board.js';
import type { Listener } from './contract.js';
import { tell } from './tellContext.js';

const LOOK_MS = 200;

/**
 * Waits for a posted job to end and passes on what it says, for any engine whose jobs run through a store. A process that is heard of no
 * more counts as dead; `process` says so sooner, where the engine has one that it can watch.
 * @param leaseMs how long a silent process is believed to live
 */
export async function attend(
	board: JobBoard,
	id: string,
	call: JobCall,
	{ listener, process, leaseMs = LEASE_MS }: { listener: Listener; process?: Promise<Ending>; leaseMs?: number },
): Promise<JobEnding> {
	const hear = passOn(listener);
	const lease = createLease(leaseMs);
	let ending: Ending | undefined;
	let wake = (): void => {};
	void process?.then((how) => {
		ending = how;
		wake();
	});
	for (let beatAt = performance.now(); ; ) {
		// Asked before the look: what a process wrote before its end is seen.
		const ended = ending;
		const job = await board.look(id);
		if (!job) throw processEnded(call, {}, 0);
		hear(job);
		if (job.ending) return job.ending;
		const error = ended
			? processEnded(call, ended, job.memoryBytes)
			: job.state === 'running' && lease.isOver(job.workerBeat)
				? lost(job)
				: undefined;
		if (error) {
			await board.end(id, { outcome: { ok: false, error: error.toJSON() }, peakMemoryBytes: job.memoryBytes, seconds: 0 });
			continue;
		}
		if (performance.now() - beatAt > BEAT_MS) {
			beatAt = performance.now();
			await board.want(id);
		}
		await new Promise<void>((resolve) => {
			const timer = setTimeout(resolve, LOOK_MS);
			wake = () => {
				clearTimeout(timer);
				resolve();
			};
			if (ending) wake();
		});
	}
}

/** Says of a count of beats whether it has stood still for too long, by our own clock. */
export function createLease(leaseMs: number): { isOver(beat: number): boolean } {
	let last = -1;
	let changedAt = 0;
	return {
		isOver(beat) {
			const now = performance.now();
			if (beat !== last) [last, changedAt] = [beat, now];
			return now - changedAt > leaseMs;
		},
	};
}

/** Passes on what is new in a job since it was looked at last. */
function passOn({ progress, note }: Listener): (job: PostedJob) => void {
	let told = '';
	let notes = 0;
	return (job) => {
		const text = JSON.stringify(job.progress);
		if (job.progress && text !== told) tell(() => progress(job.progress!));
		told = text;
		for (const { code, text: words } of job.notes.slice(notes)) tell(() => note(code, words));
		notes = job.notes.length;
	};
}

const lost = ({ job, where }: PostedJob): MlopsError =>
	new MlopsError('compute.task_died', `Nothing more is heard of the process that ran the job "${job}"${where ? ` (${where})` : ''}.`, {
		remedy: 'Look whether that machine runs, and reaches the store. Then run again.',
	});
