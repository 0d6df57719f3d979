import { createHash } from 'node:crypto';
import type { Division } from '../../domain/rollout.js';

/** Who answers a caller. */
export interface Arm {
	version: number;
	/** `stable`, or `candidate-8` of version 8. */
	arm: string;
	/** A version that answers as well, unseen. */
	shadow?: number;
}

/** A number in [0, 1) that everybody makes the same of a rollout and a key. */
export function place(rollout: string, key: string): number {
	return createHash('sha256').update(`${rollout}\0${key}`).digest().readUIntBE(0, 6) / 2 ** 48;
}

/** The arm of a caller: a pure function of rollout and key, so every process and every replay agrees. */
export function armOf({ id, kind, stable, candidates }: Division, key: string): Arm {
	const at = place(id, key);
	let from = 0;
	for (const { version, share } of candidates) {
		if (at >= from && at < from + share) {
			if (kind === 'shadow') return { version: stable, arm: 'stable', shadow: version };
			return { version, arm: `candidate-${version}` };
		}
		from += share;
	}
	return { version: stable, arm: 'stable' };
}
