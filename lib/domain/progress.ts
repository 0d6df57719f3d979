/** What long work says while it runs. */
export interface Progress {
	/** Short plain name of the stage, for example `Training trees`. */
	stage: string;
	/** 0 to 1, if known. */
	share?: number;
	secondsLeft?: number;
	/** The metric so far, for example `{ name: 'auc', value: 0.7 }`. */
	metric?: { name: string; value: number };
}

/** Logger, progress and cancellation, the same whether n8n, the command line or a test calls. */
export interface Context {
	progress(progress: Progress): void;
	/** Something a person should know that is no failure. */
	note(code: string, text: string): void;
	signal: AbortSignal;
}

/** A context for scripts and tests: says nothing, never cancels. */
export const silentContext = (): Context => ({ progress: () => {}, note: () => {}, signal: new AbortController().signal });

/** `Training trees, 40 %, 12 s left, auc 0.701` */
export function progressText(p: Progress): string {
	const parts = [p.stage];
	if (p.share !== undefined) parts.push(`${Math.round(p.share * 100)} %`);
	if (p.secondsLeft !== undefined) parts.push(`${Math.ceil(p.secondsLeft)} s left`);
	if (p.metric) parts.push(`${p.metric.name} ${p.metric.value.toFixed(4)}`);
	return parts.join(', ');
}
