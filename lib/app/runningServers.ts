import { z } from 'zod/v4';
import type { Store } from '../store/contract.js';

/** What a running model server says of itself in its store. */
const announced = z.object({
	/** Where people reach it, without a slash at the end. */
	url: z.string(),
	startedAt: z.string(),
	/** It was told to stop. */
	gone: z.boolean().optional(),
});

const PREFIX = 'server:';
/** How often a server says that it runs. */
const BEAT_MS = 20_000;
/** One that was not heard of for so long runs no more. Clocks of two machines may differ by a minute. */
const SILENT_MS = 90_000;

/**
 * Says in the store, as long as it is not stopped, that a model server runs and where people reach it.
 * @returns stops it, and says that the server is gone
 */
export async function announceServer(store: Pick<Store, 'setProgress'>, url: string): Promise<() => Promise<void>> {
	const entry: z.infer<typeof announced> = { url: url.replace(/\/+$/, ''), startedAt: new Date().toISOString() };
	// One entry an address, so that servers which come and go do not fill the store.
	// A store that is away for a while is told later.
	const say = async (more: object = {}): Promise<void> =>
		await store.setProgress(PREFIX + entry.url, { ...entry, ...more }).catch(() => {});
	await say();
	const timer = setInterval(() => void say(), BEAT_MS);
	return async () => {
		clearInterval(timer);
		await say({ gone: true });
	};
}

/** Servers of this store that run now, the newest first. */
export async function runningServers(
	store: Pick<Store, 'progressUnder'>,
	now = Date.now(),
): Promise<Array<{ url: string; startedAt: string }>> {
	const entries = await store.progressUnder(PREFIX);
	return entries
		.filter(({ at }) => now - Date.parse(at) < SILENT_MS)
		.flatMap(({ progress }) => {
			const read = announced.safeParse(progress);
			return read.success && !read.data.gone ? [{ url: read.data.url, startedAt: read.data.startedAt }] : [];
		})
		.sort((a, b) => b.startedAt.localeCompare(a.startedAt));
}
