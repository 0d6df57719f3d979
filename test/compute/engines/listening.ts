import type { Context, Progress } from '../../../lib/domain/progress.js';

/** A context that remembers, and tells when a note comes. */
export function listening(): {
	context: Context;
	progress: Progress[];
	notes: Map<string, string>;
	noted(code: string): Promise<string>;
	cancel(): void;
} {
	const controller = new AbortController();
	const progress: Progress[] = [];
	const notes = new Map<string, string>();
	const waiting = new Map<string, (text: string) => void>();
	return {
		progress,
		notes,
		cancel: () => controller.abort(),
		noted: (code) =>
			new Promise((resolve) => {
				const said = notes.get(code);
				if (said === undefined) waiting.set(code, resolve);
				else resolve(said);
			}),
		context: {
			progress: (p) => progress.push(p),
			signal: controller.signal,
			note(code, text) {
				notes.set(code, text);
				waiting.get(code)?.(text);
			},
		},
	};
}
