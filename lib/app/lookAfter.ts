import { MlopsError } from '../domain/errors.js';
import { lookOverJob } from './jobs/lookOverJob.js';
import { keepVerdict } from './keepVerdict.js';
import type { LookRequest } from './lookOver.js';
import type { Session } from './session.js';
import type { Verdict } from './verdicts.js';

export interface LookedAfter {
	kept: Verdict[];
	/** Where the monitor's next window begins, ISO 8601. */
	position: string;
}

/**
 * Looks at all windows of a monitor that are due, outside this process, and keeps what was found, with what follows for incidents. Somebody
 * else may do the same meanwhile: what one has kept, the other does not keep again.
 * @param goOn asked before anything is kept; false: somebody else does it now
 * @throws what a watch throws that may go by itself
 */
export async function lookAfter(
	{ store, run, context }: Pick<Session, 'store' | 'run' | 'context'>,
	request: LookRequest,
	goOn: () => boolean = () => true,
): Promise<LookedAfter> {
	const kept: Verdict[] = [];
	for (let previous = request.previous; ; ) {
		const { expect, verdicts, more, position } = await run(lookOverJob, {
			store: store.ref,
			...request,
			...(previous ? { previous } : {}),
		});
		let behind = expect;
		for (const verdict of verdicts) {
			if (!goOn() || context.signal.aborted) return { kept, position };
			let record: Verdict | undefined;
			try {
				record = await keepVerdict(store, verdict, behind, new Date(request.now));
			} catch (thrown) {
				if (MlopsError.from(thrown).code === 'store.conflict') return { kept, position };
				throw thrown;
			}
			// Paused or ended meanwhile.
			if (!record) return { kept, position };
			behind = record.version;
			kept.push(record);
		}
		if (!more) return { kept, position };
		previous = request.now;
	}
}
