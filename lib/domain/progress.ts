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
	report(progress: Progress): void;
	/** Something a person should know that is no failure. */
	note(code: string, text: string): void;
	signal: AbortSignal;
}

/** A context for scripts and tests: says nothing, never cancels. */
export const silentContext = (): Context => ({ report: () => {}, note: () => {}, signal: new AbortController().signal });
