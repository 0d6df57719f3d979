import { hash } from 'node:crypto';
import { MlopsError } from '../../domain/errors.js';

/** Too many attempts; says in how many seconds the next may be made. */
export class Locked extends MlopsError {
	constructor(readonly seconds: number) {
		super('person.locked', `There were too many attempts. The next one may be made in ${waitText(seconds)}.`, {
			remedy: 'Wait, or ask an administrator for a one-time link ("mlops person link").',
		});
	}
}

const waitText = (seconds: number): string => (seconds < 120 ? `${seconds} seconds` : `${Math.ceil(seconds / 60)} minutes`);

export interface Attempts {
	/** Counts one before it is made, so that many at once are no way around. @throws Locked */
	begin(of: string): void;
	/** It was right: what was counted is forgotten. */
	right(of: string): void;
	/** Whether `begin` would throw. */
	locked(of: string): boolean;
}

/** Longest wait. */
const MOST_MS = 15 * 60_000;
const FIRST_MS = 30_000;
/** After so long nothing is held against anybody. */
const FORGOTTEN_MS = 24 * 60 * 60_000;
/** Names that are remembered; beyond them the oldest go. */
const REMEMBERED = 20_000;

/**
 * Counts attempts, by account or by address. After `free` wrong ones each further one must wait, twice as long each time, a quarter of an
 * hour at most; so somebody who attacks an account cannot keep its owner out for longer. After a day all is forgotten. Kept in memory, each
 * server its own.
 */
export function createAttempts(free: number, now: () => number = Date.now): Attempts {
	const counted = new Map<string, { wrong: number; last: number; until: number }>();
	// Names of people are not kept, and names of any length take the same room.
	const keyOf = (of: string): string => hash('sha256', of, 'base64url');
	const find = (key: string) => {
		const found = counted.get(key);
		return found && now() - found.last > FORGOTTEN_MS ? undefined : found;
	};
	return {
		begin(of) {
			const key = keyOf(of);
			const at = now();
			const known = find(key);
			if (known && at < known.until) throw new Locked(Math.ceil((known.until - at) / 1000));
			const wrong = (known?.wrong ?? 0) + 1;
			const wait = wrong < free ? 0 : Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(20, wrong - free));
			counted.delete(key);
			if (counted.size >= REMEMBERED) counted.delete(counted.keys().next().value!);
			counted.set(key, { wrong, last: at, until: at + wait });
		},
		right(of) {
			counted.delete(keyOf(of));
		},
		locked(of) {
			const known = find(keyOf(of));
			return known !== undefined && now() < known.until;
		},
	};
}
