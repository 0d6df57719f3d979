import { startChild, type ComputeChild } from './computeChild.js';

/** One of the processes, and what it is at. */
export interface Member {
	child: ComputeChild;
	/** It has run a job before. */
	used: boolean;
	busy: boolean;
	/** Has answered and is about to be free. */
	ending: boolean;
	idle?: NodeJS.Timeout;
}

export interface Crew {
	/** A process for the next job; undefined where it has to wait for one. */
	take(): Member | undefined;
	/** Starts a process for a job that is to come, where none is free and one may be started. */
	expect(): void;
	/** Keeps a process for the next job, for a while. */
	rest(member: Member): void;
	/** Ends a process. */
	discard(member: Member): Promise<void>;
	/** Ends all, and waits for those that were being ended before. */
	close(): Promise<void>;
}

/** At most `size` compute processes. One that has had nothing to do for `idleMs` ends. */
export function createCrew(entry: string, size: number, idleMs: number): Crew {
	const members: Member[] = [];
	/** Those that are being ended belong to nobody any more. */
	const leaving = new Set<Promise<void>>();

	function discard(member: Member): Promise<void> {
		const at = members.indexOf(member);
		if (at >= 0) members.splice(at, 1);
		clearTimeout(member.idle);
		const gone = member.child.end().finally(() => leaving.delete(gone));
		leaving.add(gone);
		return gone;
	}

	function start(): Member | undefined {
		// One job after the other should not cost two processes: what has answered is free in a moment.
		if (members.length >= size || members.some(({ ending }) => ending)) return undefined;
		const member: Member = { child: startChild(entry), busy: true, used: false, ending: false };
		members.push(member);
		return member;
	}

	function rest(member: Member): void {
		member.busy = false;
		member.idle = setTimeout(() => {
			void discard(member);
		}, idleMs);
		member.idle.unref();
	}

	return {
		take() {
			const free = members.find(({ busy }) => !busy);
			if (!free) return start();
			clearTimeout(free.idle);
			return Object.assign(free, { busy: true, used: true, ending: false });
		},
		expect() {
			const started = members.some(({ busy }) => !busy) ? undefined : start();
			if (!started) return;
			started.child.rest();
			rest(started);
		},
		rest,
		discard,
		async close() {
			for (const member of [...members]) void discard(member);
			await Promise.all(leaving);
		},
	};
}
