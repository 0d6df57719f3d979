import { z } from 'zod/v4';
import { MlopsError } from '../domain/errors.js';
import { silentContext } from '../domain/progress.js';
import type { Store } from '../store/contract.js';
import { verified, verifyJob } from './jobs/verifyJob.js';
import { sessionOn } from './session.js';

const KEY = 'verified';
/** A verification that was not heard of for so long is over, whatever became of it. */
const SILENT_MS = 60_000;

/** The last verification of a store, or the one that goes on. */
export const verification = z.object({
	state: z.enum(['running', 'whole', 'broken', 'lost']),
	by: z.string(),
	startedAt: z.string(),
	endedAt: z.string().optional(),
	stage: z.string().optional(),
	share: z.number().optional(),
	found: verified.optional(),
	/** What is not as it was written, or why it could not be looked at. */
	error: z.object({ code: z.string(), message: z.string() }).optional(),
});
export type Verification = z.infer<typeof verification>;

/** What is known of the last one; undefined where there was none. */
export async function lastVerification(store: Pick<Store, 'progressUnder'>): Promise<Verification | undefined> {
	const entry = (await store.progressUnder(KEY)).find(({ key }) => key === KEY);
	const { data } = verification.safeParse(entry?.progress);
	return data?.state === 'running' && Date.now() - Date.parse(entry!.at) > SILENT_MS ? { ...data, state: 'lost' } : data;
}

/**
 * Begins to verify a store in a process of its own, unless that goes on already; how it goes says `lastVerification`, how it ended also an
 * event.
 */
export async function verifyNow(store: Store, by: string): Promise<Verification> {
	const last = await lastVerification(store);
	if (last?.state === 'running') return last;
	let now: Verification = { state: 'running', by, startedAt: new Date().toISOString() };
	let saving: Promise<unknown> = Promise.resolve();
	const say = (more: Partial<Verification>): void => {
		now = { ...now, ...more };
		const said = now;
		saving = saving.then(async () => await store.setProgress(KEY, said)).catch(() => {});
	};
	say({});
	await saving;
	const beat = setInterval(() => say({}), SILENT_MS / 6).unref();
	const context = { ...silentContext(), progress: ({ stage, share }: { stage: string; share?: number }) => say({ stage, share }) };
	void sessionOn(store, { actor: by, context })
		.run(verifyJob, { store: store.ref })
		.then(
			(found): Partial<Verification> => ({ state: 'whole', found }),
			(thrown: unknown): Partial<Verification> => {
				const { code, message } = MlopsError.from(thrown);
				return { state: code.startsWith('store.') ? 'broken' : 'lost', error: { code, message } };
			},
		)
		.then(async (end) => {
			clearInterval(beat);
			say({ ...end, share: 1, stage: 'Done', endedAt: new Date().toISOString() });
			await saving;
			const { state, found, error } = now;
			await store.audit({
				actor: by,
				action: 'store.verified',
				subject: store.id,
				details: { state, ...found, ...(error ? { error } : {}) },
			});
		})
		// A chain that is broken takes no event; what was found is said where people look.
		.catch(() => {});
	return now;
}
