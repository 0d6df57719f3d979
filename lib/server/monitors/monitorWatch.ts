import { setTimeout as sleep } from 'node:timers/promises';
import { listIncidents, wakeIncidents, type Incident } from '../../app/incidents.js';
import { jobEngine } from '../../app/jobEngine.js';
import { createLease } from '../../app/lease.js';
import { lookAfter } from '../../app/lookAfter.js';
import { listMonitors, type Monitor } from '../../app/monitors.js';
import { nextClose } from '../../app/monitorWindows.js';
import type { Session } from '../../app/session.js';
import { runJob } from '../../compute/runJob.js';
import { MlopsError } from '../../domain/errors.js';
import { silentContext } from '../../domain/progress.js';
import { lineText } from '../../domain/text.js';
import type { Store } from '../../store/contract.js';

/** How often it is looked whether something is due. */
const LOOK_MS = 2_000;
/** A holder of the lease that was not heard of for this long is taken for gone. */
const TTL_MS = 15_000;
/** A look that failed is tried again after so long, then after twice as long, and written down as a failure after some more. */
const RETRY_MS = 30_000;
const MOST_FAILURES = 5;
const MINUTE_MS = 60_000;

export interface MonitorWatch {
	store: Store;
	/** Name of this server, unlike any other's. */
	server: string;
	now?: () => Date;
	lookMs?: number;
	ttlMs?: number;
}

/** When a monitor is looked after next, and how that went so far. */
interface Plan {
	version: number;
	/** Milliseconds. */
	next: number;
	previous?: string;
	failures: number;
}

/**
 * Looks after the monitors of a store while a server runs. Of several servers one works at a time, by a lease; what it does, it does
 * against the newest verdict, so doing it twice does nothing. The looking itself is a job of low priority with one thread, one at a time.
 * @returns stops it, and what it does
 */
export function startMonitorWatch({ store, server, now = () => new Date(), lookMs = LOOK_MS, ttlMs = TTL_MS }: MonitorWatch) {
	const lease = createLease(store, 'monitors', server, ttlMs);
	const following = followRecords(store);
	const plans = new Map<string, Plan>();
	const stopped = new AbortController();
	let working: { done: Promise<void>; losing: AbortController } | undefined;
	let holding = false;

	const isDue = ({ name, version, body }: Monitor): boolean => {
		const plan = plans.get(name);
		const at = now().getTime();
		// A clock that was ahead left a plan that is too far away.
		return !plan || plan.version !== version || at >= plan.next || plan.next - at > body.everyMinutes * MINUTE_MS;
	};

	async function lookAt(monitor: Monitor, signal: AbortSignal): Promise<void> {
		const { name, version, body } = monitor;
		const plan = plans.get(name);
		const failures = plan?.version === version ? plan.failures : 0;
		const at = now();
		const most = at.getTime() + body.everyMinutes * MINUTE_MS;
		try {
			const session = sessionFor(store, signal);
			const request = { monitor: name, now: at.toISOString(), previous: plan?.previous, giveUp: failures >= MOST_FAILURES };
			const { position } = await lookAfter(session, request, () => holding && !signal.aborted);
			const closes = nextClose(body, Date.parse(position)) ?? most;
			const next = Math.min(most, Math.max(at.getTime() + lookMs, closes));
			plans.set(name, { version, next, previous: at.toISOString(), failures: 0 });
		} catch (thrown) {
			if (signal.aborted) return;
			const { code, message } = MlopsError.from(thrown);
			// It was ended or changed meanwhile; the next look sees that.
			if (code === 'store.conflict' || code === 'store.not_found') return;
			process.stderr.write(lineText(`The monitor "${name}" cannot be looked after now: ${message}`) + '\n');
			const next = Math.min(most, at.getTime() + RETRY_MS * 2 ** failures);
			plans.set(name, { version, next, previous: plan?.previous, failures: failures + 1 });
		}
	}

	async function work(due: readonly Monitor[], signal: AbortSignal): Promise<void> {
		for (const monitor of due) {
			if (signal.aborted) return;
			await lookAt(monitor, signal);
		}
	}

	async function look(): Promise<void> {
		const { monitors, snoozed } = await following.newest();
		const due = monitors.filter(isDue);
		const waking = snoozed.some(({ body }) => (body.snoozedUntil ?? '') <= now().toISOString());
		if (due.length === 0 && !waking && !working) {
			if (holding) await lease.release();
			holding = false;
			return;
		}
		holding = await lease.hold();
		if (!holding) return void working?.losing.abort();
		if (waking) await wakeIncidents(store, now());
		if (working || due.length === 0) return;
		const losing = new AbortController();
		const done = work(due, AbortSignal.any([losing.signal, stopped.signal])).finally(() => (working = undefined));
		working = { done, losing };
	}

	const ended = (async () => {
		while (!stopped.signal.aborted) {
			// Without the store nothing can be looked at; it goes on when the store is there again.
			await look().catch(() => {});
			await sleep(lookMs, undefined, { signal: stopped.signal }).catch(() => {});
		}
		await working?.done.catch(() => {});
		await lease.release().catch(() => {});
	})();
	return async (): Promise<void> => {
		stopped.abort();
		await ended.catch(() => {});
	};
}

/** Jobs that keep out of the way of what answers. */
const sessionFor = (store: Store, signal: AbortSignal): Pick<Session, 'store' | 'run' | 'context'> => {
	const context = { ...silentContext(), signal };
	return { store, context, run: async (job, input) => await runJob(jobEngine(store), job, input, { context, threads: 1 }) };
};

/** Active monitors and snoozed incidents, read again only when something was said of one. */
function followRecords(store: Store) {
	let seq: number | undefined;
	let known: { monitors: Monitor[]; snoozed: Incident[] } = { monitors: [], snoozed: [] };
	return {
		async newest(): Promise<typeof known> {
			let changed = seq === undefined;
			let read = seq ?? (await store.auditLog({ limit: 1 }))[0]?.seq ?? 0;
			for (;;) {
				const page = await store.auditLog({ since: read, limit: 500 });
				changed ||= page.some(({ action }) => /^(?:monitor|incident)\./.test(action));
				read = page.at(-1)?.seq ?? read;
				if (page.length < 500) break;
			}
			if (changed)
				known = {
					monitors: (await listMonitors(store)).filter(({ body }) => body.state === 'active').reverse(),
					snoozed: await listIncidents(store, { state: 'snoozed' }),
				};
			seq = read;
			return known;
		},
	};
}
