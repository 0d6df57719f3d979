/** The time that a training may take as a whole, from its first moment to its report. */
export interface Budget {
	readonly seconds: number;
	/** Seconds that are left until all is to be done; below 0 where it is overdrawn. */
	left(): number;
	/** Seconds that are left for trials: finishing wants so many. */
	before(finishing: number): number;
}

/** Writing package, record and report. What the data took to read they take to sum up once more, about. */
const tailOf = (read: number): number => 0.2 + 0.5 * read;

/**
 * A budget that begins now. `read`: seconds that reading the data took before, which count. `clock` gives milliseconds.
 */
export function createBudget(seconds: number, read = 0, clock: () => number = () => performance.now()): Budget {
	const end = clock() / 1000 + seconds - read - Math.min(tailOf(read), seconds / 4);
	const left = (): number => end - clock() / 1000;
	return { seconds, left, before: (finishing) => left() - finishing };
}
