import type { QueryWatch } from './contract.js';

const LOOK_MS = 200;
/** A server that does not answer a request to stop is left alone after this time. */
const STOP_MS = 1_000;

/**
 * Waits for work that only waits itself, and ends it as soon as `check` throws: `stop` tells the server, so that it does not go on for
 * nobody.
 * @throws what the work or `check` throws
 */
export async function interruptible<T>(work: Promise<T>, { check }: QueryWatch, stop: () => Promise<void>): Promise<T> {
	let timer: NodeJS.Timeout | undefined;
	let reason: unknown;
	const interrupted = new Promise<never>((_, reject) => {
		timer = setInterval(() => {
			try {
				check();
			} catch (thrown) {
				reason = thrown;
				clearInterval(timer);
				const patience = new Promise<void>((resolve) => {
					setTimeout(resolve, STOP_MS).unref();
				});
				void Promise.race([stop().catch(() => {}), patience]).then(() => reject(thrown));
			}
		}, LOOK_MS);
	});
	// Whichever loses the race may still fail: that is no news.
	work.catch(() => {});
	interrupted.catch(() => {});
	try {
		return await Promise.race([work, interrupted]);
	} catch (thrown) {
		throw reason ?? thrown;
	} finally {
		clearInterval(timer);
	}
}
