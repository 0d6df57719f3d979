/** A point of a learning curve, and a learner that was tried, as a run's record keeps them (`run.ts`). */
interface CurvePoint {
	step: number;
	train?: number;
	validation?: number;
}
interface Tried {
	learner: string;
	params: Record<string, unknown>;
	metrics: Record<string, number>;
	std?: number;
	seconds: number;
	failed?: string;
}

/** What long work says while it runs. */
export interface Progress {
	/** Short plain name of the stage, for example `Training trees`. */
	stage: string;
	/** 0 to 1, if known. */
	share?: number;
	secondsLeft?: number;
	/** The metric so far, for example `{ name: 'auc', value: 0.7 }`. */
	metric?: { name: string; value: number };
	/** All of a training's curve so far, thinned for drawing, so that whoever misses a message misses no point. */
	curve?: { metric: string; points: readonly CurvePoint[] };
	/** All that was tried so far, the best first. */
	leaderboard?: readonly Tried[];
}

/** Logger, progress and cancellation, the same whether n8n, the command line or a test calls. */
export interface Context {
	progress(progress: Progress): void;
	/** Something a person should know that is no failure. */
	note(code: string, text: string): void;
	signal: AbortSignal;
	/** Aborted: a training is to end with the best it has; other work goes on. */
	keepBest?: AbortSignal;
}

/** A context for scripts and tests: says nothing, never cancels. */
export const silentContext = (): Context => ({ progress: () => {}, note: () => {}, signal: new AbortController().signal });

const leftText = (seconds: number): string => (seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60)} min`);

/** `Training trees, 40 %, 12 s left, auc 0.701` */
export function progressText(p: Progress): string {
	const parts = [p.stage];
	if (p.share !== undefined) parts.push(`${Math.round(p.share * 100)} %`);
	if (p.secondsLeft !== undefined) parts.push(`${leftText(Math.ceil(p.secondsLeft))} left`);
	if (p.metric) parts.push(`${p.metric.name} ${p.metric.value.toFixed(4)}`);
	return parts.join(', ');
}
