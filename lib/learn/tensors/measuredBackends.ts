import { MlopsError } from '../../domain/errors.js';
import type { Kind, Measured } from './backendCosts.js';
import { BackendMemory, type Remembered } from './backendMemory.js';
import { measureBackend } from './backendProbes.js';
import { optionalBackends, type BackendId } from './tensorBackends.js';

/** Milliseconds after which a measurement that nobody ended is taken for one that took its process with it. */
const BEGUN_FOR = 120_000;
/** Milliseconds after which what failed, or never ended, is tried again. */
const FAILED_FOR = 7 * 24 * 3_600_000;

/** What is known of the backends here. */
export interface Known {
	measured: Measured[];
	/** Those that cannot be chosen, and why. */
	unusable: Array<{ id: BackendId; why: string }>;
	/** Why it could not be remembered, where it could not. */
	forgotten?: string;
}

/**
 * Backends that a person installed and Automatic may choose. CUDA's package computes on processors as well, and cannot live beside the
 * other.
 */
export function candidates(): BackendId[] {
	const found = optionalBackends().map(({ id }) => id);
	return found.filter((id) => id !== 'tfjs-node' || !found.includes('tfjs-node-gpu'));
}

/**
 * What each of these backends costs at each of these kinds of work: as it was measured on this machine before, else measured now and
 * remembered. What cannot be opened or measured is remembered too, for a week; so is that a measurement began, so that a backend that
 * takes its process with it does so no more often.
 */
export async function measuredBackends(ids: readonly BackendId[], kinds: readonly Kind[], memory = new BackendMemory()): Promise<Known> {
	const known: Known = { measured: [], unusable: [] };
	for (const id of ids) {
		const before = (await memory.read()).find((one) => one.id === id);
		const costs = before?.state === 'measured' ? before.costs : [];
		const wanted = kinds.filter((kind) => !costs.some((cost) => cost.kind === kind));
		if (before?.state === 'measured' && wanted.length === 0) {
			known.measured.push(before);
			continue;
		}
		const why = before && obstacle(before);
		if (why !== undefined) {
			known.unusable.push({ id, why });
			continue;
		}
		const begun = await memory.put({ state: 'begun', id, at: new Date().toISOString() });
		const now = await measuredNow(id, wanted);
		if (now.state === 'measured') {
			now.costs.push(...costs);
			// It may have been open this time.
			if (before?.state === 'measured') now.open = Math.max(now.open, before.open);
			known.measured.push(now);
		} else known.unusable.push({ id, why: now.why });
		known.forgotten = (await memory.put(now)) ?? begun ?? known.forgotten;
	}
	return known;
}

async function measuredNow(id: BackendId, kinds: readonly Kind[]): Promise<Exclude<Remembered, { state: 'begun' }>> {
	try {
		return { state: 'measured', ...(await measureBackend(id, kinds)) };
	} catch (thrown) {
		return { state: 'failed', id, at: new Date().toISOString(), why: MlopsError.from(thrown).message };
	}
}

/** Why a backend is not to be measured now. */
function obstacle(before: Remembered): string | undefined {
	const age = Date.now() - Date.parse(before.at);
	if (before.state === 'failed' && age < FAILED_FOR) return before.why;
	if (before.state !== 'begun' || age >= FAILED_FOR) return undefined;
	return age < BEGUN_FOR
		? `The backend "${before.id}" is being measured by another process.`
		: `Measuring the backend "${before.id}" began on ${before.at.slice(0, 10)} and never ended: it may have ended its process. ` +
				'"mlops doctor --measure" tries again.';
}

/** Those that could not be chosen, and what could not be remembered. */
export function unusableText({ unusable, forgotten }: Known, before = ''): string {
	const said = [
		...unusable.map(({ why }) => why),
		...(forgotten === undefined ? [] : [`What was measured could not be kept for the next time: ${forgotten}`]),
	].join(' ');
	return said ? `${before}${said}` : '';
}
