import { MlopsError, type ErrorCode } from '../domain/errors.js';
import { cutText, lineText } from '../domain/text.js';

/** The same is told once in so long, with how often it happened meanwhile. */
const QUIET_MS = 60_000;
/** So many different things are known to have been told. */
const MOST = 200;
const LONGEST = 500;
const MOST_FRAMES = 8;

/**
 * What the server says to whoever runs it, on stderr. Callers are told nothing of its inside, so what went wrong there must stand here; a
 * thousand callers that meet the same do not fill the disk with it.
 */
export function createOwnLog(write: (text: string) => void = (text) => void process.stderr.write(text), now = () => performance.now()) {
	const told = new Map<string, { at: number; more: number }>();

	function say(sentence: string, kind = sentence): void {
		const last = told.get(kind);
		if (last && now() - last.at < QUIET_MS) {
			last.more++;
			return;
		}
		if (!last && told.size >= MOST) told.delete(told.keys().next().value!);
		told.set(kind, { at: now(), more: 0 });
		write(`${sentence}${last?.more ? `\n  The same happened ${last.more.toLocaleString('en')} times more since it was told last.` : ''}\n`);
	}

	return {
		say,
		/** Tells why a request failed that is the server's own fault, or its disk's; callers' faults are not told. */
		failed(thrown: unknown, status: number, code: ErrorCode, requestId: string): void {
			if (status < 500 || !TOLD.some((begin) => code.startsWith(begin))) return;
			const error = MlopsError.from(thrown);
			const message = lineText(cutText(error.message, LONGEST));
			const inside = (thrown as Partial<FromInside> | undefined)?.inside ?? insideOf(thrown);
			say([`Request ${requestId} failed (${status}, ${code}): ${message}`, ...inside].join('\n'), [code, message, ...inside].join('\n'));
		},
	};
}
export type OwnLog = ReturnType<typeof createOwnLog>;

/** Of 5xx: that a server is busy, or a model not there yet, is what metrics are for. */
const TOLD = ['internal', 'store.', 'compute.', 'recipe.', 'learn.', 'data.'];

/** A failure of another thread, with what that knows of its inside. */
export interface FromInside {
	inside: readonly string[];
}

/** What no caller is told of a failure: what caused it, and of what nobody has foreseen where in the code it happened. */
export function insideOf(thrown: unknown, depth = 0, unforeseen = MlopsError.from(thrown).code === 'internal'): string[] {
	const { stack, cause } = (thrown ?? {}) as { stack?: unknown; cause?: unknown };
	if (cause instanceof Error && depth < 5) {
		const text = MlopsError.from(cause).message;
		const same = text === MlopsError.from(thrown).message;
		return [...(same ? [] : [`  Caused by: ${lineText(cutText(text, LONGEST))}`]), ...insideOf(cause, depth + 1, unforeseen)];
	}
	const frames = unforeseen && typeof stack === 'string' ? stack.split('\n').filter((line) => /^\s+at /.test(line)) : [];
	return frames.slice(0, MOST_FRAMES).map((line) => `  ${lineText(line).trim()}`);
}
