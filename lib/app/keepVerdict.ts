import { MlopsError } from '../domain/errors.js';
import type { VerdictRecord } from '../domain/monitor.js';
import type { Store } from '../store/contract.js';
import { afterVerdict } from './incidentCauses.js';
import { findMonitor } from './monitors.js';
import type { Verdict } from './verdicts.js';

/**
 * Keeps what was found in a window, and what follows for the incidents of its model, as one: so whoever is killed in between has done
 * neither, and of two that looked at the same window one is told that the other was first.
 * @param expect version of the monitor's newest verdict when the window was looked at; 0: there was none
 * @returns undefined where the monitor does not run any more
 * @throws `store.conflict`
 */
export async function keepVerdict(store: Store, body: VerdictRecord, expect: number, now: Date): Promise<Verdict | undefined> {
	return await store.transact(async (part) => {
		const newest = await part.find('verdict', body.monitor);
		if ((newest?.version ?? 0) !== expect)
			throw new MlopsError('store.conflict', `The monitor "${body.monitor}" was looked after by someone else meanwhile.`);
		const monitor = await findMonitor(part, body.monitor);
		if (monitor.body.state !== 'active') return undefined;
		const concern = await afterVerdict(part, monitor, body, now);
		const kept = await part.add('verdict', body.monitor, { ...body, ...(concern.incident ? { incident: concern.incident } : {}) });
		await concern.keep(kept.id);
		return kept;
	});
}
