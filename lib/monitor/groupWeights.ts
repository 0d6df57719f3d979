/** Answers of a version in a window: all of them, or those of a segment. */
export interface AnswerGroup {
	version: number;
	/** Whether these are all answers of the version. */
	whole: boolean;
	rows: number;
	/** Whether there are enough of them to be compared. */
	judged: boolean;
}

/** How much each group says about a window: half of it for all answers of a version and half for its segments, by the version's share. */
export function groupWeights(groups: readonly AnswerGroup[]): number[] {
	const wholes = groups.filter(({ whole }) => whole);
	const rows = wholes.reduce((n, whole) => n + (whole.judged ? whole.rows : 0), 0);
	return groups.map((group) => {
		const whole = wholes.find(({ version }) => version === group.version);
		const parts = groups.filter((other) => other.judged && !other.whole && other.version === group.version).length;
		const share = group.judged && whole?.judged && rows > 0 ? whole.rows / rows : 0;
		return share * (parts === 0 ? 1 : group.whole ? 0.5 : 0.5 / parts);
	});
}
