import { setTimeout as sleep } from 'node:timers/promises';
import { callDue, dueApprovals } from '../../app/approvalResume.js';
import { createLease } from '../../app/lease.js';
import { MlopsError } from '../../domain/errors.js';
import type { Store } from '../../store/contract.js';

const LOOK_MS = 500;
const TTL_MS = 30_000;

/**
 * Where somebody decided in the console, calls n8n until the execution that waited has gone on. One of the servers of a store does.
 * @param server name of this server, unlike any other's
 * @returns stops it
 */
export function startApprovalWatch(store: Store, server: string): () => Promise<void> {
	const lease = createLease(store, 'approvals', server, TTL_MS);
	const stopped = new AbortController();
	const seen = new Map<string, number>();
	let holding = false;

	async function look(): Promise<void> {
		const due = await dueApprovals(store);
		for (const id of seen.keys()) if (!due.includes(id)) seen.delete(id);
		if (due.length === 0) {
			if (holding) await lease.release();
			holding = false;
			return;
		}
		holding = await lease.hold();
		if (!holding) return;
		await Promise.all(
			due.map(async (id) => {
				if (!seen.has(id)) seen.set(id, Date.now());
				await callDue(store, id, seen.get(id)!).catch((thrown: unknown) => {
					process.stderr.write(`What was decided on ${id} cannot be told to n8n now: ${MlopsError.from(thrown).message}\n`);
				});
			}),
		);
	}

	const ended = (async () => {
		while (!stopped.signal.aborted) {
			await look().catch(() => {});
			await sleep(LOOK_MS, undefined, { signal: stopped.signal }).catch(() => {});
		}
		await lease.release().catch(() => {});
	})();
	return async () => {
		stopped.abort();
		await ended;
	};
}
