/**
 * Scores that differ by less are the same but for rounding: rows that are all alike have the very score of the threshold, and none of them
 * is odd.
 */
const ROUNDING = 1e-12;

/** Whether a score calls a row an anomaly: above the threshold, not at it (as scikit-learn decides). */
export const isFlagged = (score: number, threshold: number): boolean => score >= flaggedFrom(threshold);

/** The least score that does, for those who ask for "at or above". */
export const flaggedFrom = (threshold: number): number => threshold + ROUNDING;
