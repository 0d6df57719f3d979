import { setTimeout as delay } from 'node:timers/promises';

const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;
const LOOK_EVERY = 200;

/** Milliseconds to wait before the next try: what the server asked for, else half a second, doubling; at most half a minute. */
export function waitFor(attempt: number, retryAfter?: unknown, now = Date.now()): number {
	const text = typeof retryAfter === 'string' || typeof retryAfter === 'number' ? String(retryAfter).trim() : '';
	const asked = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : text ? Date.parse(text) - now : NaN;
	return Math.min(LONGEST_WAIT, Number.isFinite(asked) ? Math.max(0, asked) : FIRST_WAIT * 2 ** (attempt - 1));
}

/** Waits, and notices a person who does not. @param check throws when the work is to end */
export async function pause(milliseconds: number, check: () => void): Promise<void> {
	check();
	for (let left = milliseconds; left > 0; left -= LOOK_EVERY) {
		await delay(Math.min(LOOK_EVERY, left));
		check();
	}
}
