/** A difference of this much (ms) is no jump: clocks are set right all the time, and summer time is none of theirs. */
const TOLERANCE_MS = 3_600_000;
/** A jump forward is believed once it has stood for this long. */
const BELIEVED_MS = 86_400_000;

interface Clocks {
	/** Milliseconds since 1970, as whoever sets the machine's clock says. */
	wall(): number;
	/** Milliseconds since some moment, which nobody sets. */
	running(): number;
}

/**
 * The time for what cannot be undone, such as removing what is old: a clock that jumps forward by more than an hour is believed only a day
 * later, since most such jumps are mistakes that somebody puts right. A jump back is believed at once. What a process meets when it begins
 * it has to believe.
 * @returns milliseconds since 1970
 */
export function createSteadyClock({ wall, running }: Clocks = { wall: () => Date.now(), running: () => performance.now() }): () => number {
	let ahead = wall() - running();
	let since: number | undefined;
	return () => {
		const drift = wall() - running() - ahead;
		if (drift > TOLERANCE_MS) {
			since ??= running();
			if (running() - since < BELIEVED_MS) return running() + ahead;
		}
		since = undefined;
		ahead += drift;
		return wall();
	};
}
