const LONGEST_PAUSE = 60_000;

/** How long to wait (ms) for the next question: twice as long after each failure, up to a minute. */
export const pauseAfter = (ms: number, failures: number): number => Math.min(ms * 2 ** failures, Math.max(ms, LONGEST_PAUSE));
