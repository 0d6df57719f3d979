import { MlopsError } from '../../../domain/errors.js';
import { cancelledError } from '../../../domain/cancel.js';
import { GRACE_MS, type ChildMessage, type JobCall } from '../../messages.js';
import { processEnded } from '../../processEnded.js';
import type { Listener, Measured } from '../contract.js';
import { tell } from '../tellContext.js';
import type { Member } from './jobCrew.js';

/** A process that is still this big after a job is not worth keeping. */
const RESTING_BYTES = 400 * 2 ** 20;

/** A call on its way. */
export interface Call {
	asked: JobCall;
	listener: Listener;
	/** The first answer counts. */
	resolve(result: Measured<unknown>): void;
	reject(error: unknown): void;
	/** What cancelling means at the moment. */
	cancel(): void;
	/** The same of keeping the best; `keepsBest` where it was asked for already. */
	keepBest(): void;
	keepsBest: boolean;
}

/** What is to become of the process, and what the call is told after that if it has no answer yet. */
export interface Performed {
	process: 'keep' | 'discard';
	/** `again`: the process had died while it idled and nobody knew, so the job was never begun. */
	then: 'again' | { reject: MlopsError };
}

/** Runs a call in a process of the crew, from the asking to the moment when nothing of it runs any more. */
export async function perform({ child, used }: Member, call: Call, answered: () => void): Promise<Performed> {
	const { asked, listener } = call;
	let lastBytes = 0;
	let begun = false;
	let hasAnswer = false;
	let cancelled = false;
	let grace: NodeJS.Timeout | undefined;

	const hear = (message: ChildMessage): void => {
		begun = true;
		if (message.type === 'memory') lastBytes = message.bytes;
		if (cancelled) return;
		if (message.type === 'progress') tell(() => listener.progress(message.progress));
		else if (message.type === 'note') tell(() => listener.note(message.code, message.text));
		else if (message.type === 'outcome') {
			const { outcome, peakMemoryBytes, seconds } = message;
			hasAnswer = true;
			answered();
			if (outcome.ok) call.resolve({ output: outcome.output, peakMemoryBytes, seconds });
			else call.reject(MlopsError.fromJSON(outcome.error));
		}
	};
	const stopWaiting = call.cancel;
	call.cancel = () => {
		if (cancelled || hasAnswer) return;
		cancelled = true;
		// What has not begun leaves nothing behind.
		if (!begun) return void child.end();
		child.stop();
		// A child that is stuck in native code does not hear it.
		grace = setTimeout(() => {
			void child.end();
		}, GRACE_MS + 500);
	};
	const unanswered = (): Performed['then'] => ({
		reject: cancelled ? cancelledError(`The job "${asked.job}"`) : processEnded(asked, child.ending(), lastBytes),
	});
	const remember = call.keepBest;
	call.keepBest = () => child.keepBest();
	try {
		const done = child.run(asked, hear);
		// Behind the job itself on the same line.
		if (call.keepsBest) child.keepBest();
		const { restingBytes } = await done;
		// After a cancellation the process goes too: who knows what the job left behind.
		return { process: cancelled || restingBytes > RESTING_BYTES ? 'discard' : 'keep', then: unanswered() };
	} catch {
		if (!used || begun || cancelled) return { process: 'discard', then: unanswered() };
		call.cancel = stopWaiting;
		call.keepBest = remember;
		return { process: 'discard', then: 'again' };
	} finally {
		clearTimeout(grace);
	}
}
