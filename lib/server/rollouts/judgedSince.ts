/** What the holder of the lease says of itself each time that it renews it. */
export interface Heard {
	/** How often the lease was taken or renewed. */
	beat: number;
	/** Rollouts that its look before this renewal found whole. */
	done: readonly string[];
}

/**
 * Up to when the guards of each rollout are known to have been whole, for those who do not judge themselves. Clocks are not compared: a
 * renewal that was not there yet when this process last asked came after that, and what it looked at was looked at after that. So was
 * what the look two renewals later says of the one between.
 */
export function createJudgedSince() {
	const since = new Map<string, number>();
	let heard: Array<{ beat: number; at: number }> = [];
	return {
		since: since as ReadonlyMap<string, number>,
		/** @param at when asking began, and what this process had counted until then had been told */
		hear({ beat, done }: Heard, at: number): void {
			if (heard.length > 0 && beat < heard[heard.length - 1].beat) heard = [];
			const from = heard.findLastIndex((earlier) => earlier.beat <= beat - 2);
			if (from >= 0) {
				for (const id of done) since.set(id, heard[from].at);
				heard = heard.slice(from);
			}
			if (heard.length > 0 && heard[heard.length - 1].beat === beat) heard[heard.length - 1].at = at;
			else heard.push({ beat, at });
		},
		/** This process judged them itself. */
		judged(ids: readonly string[], at: number): void {
			for (const id of ids) since.set(id, at);
		},
		/** Forgets the others. */
		only(ids: readonly string[]): void {
			for (const id of since.keys()) if (!ids.includes(id)) since.delete(id);
		},
	};
}
