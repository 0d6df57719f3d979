import process from 'node:process';
import { MlopsError } from '../domain/errors.js';
import { progressText, type Context, type Progress } from '../domain/progress.js';

const EVERY_MS = 200;
/** Where stderr is a file, a line each change of the stage, and now and then in between. */
const LINE_EVERY_MS = 10_000;

/** Progress and notes on stderr: one line that changes in a terminal, lines elsewhere. `clear` takes the line away. */
export function terminalContext(quiet: boolean, signal: AbortSignal): Context & { clear(): void } {
	const { stderr } = process;
	const live = stderr.isTTY;
	let shown = false;
	let said = 0;
	let stage = '';
	const told = new Set<string>();
	const clear = (): void => {
		if (shown) stderr.write('\r\x1b[K');
		shown = false;
	};
	const progress = (latest: Progress): void => {
		if (quiet) return;
		const now = performance.now();
		if (now - said < (live ? EVERY_MS : LINE_EVERY_MS) && latest.stage === stage) return;
		said = now;
		stage = latest.stage;
		const text = progressText(latest);
		if (!live) return void stderr.write(`${text}\n`);
		stderr.write(`\r\x1b[K${text.slice(0, Math.max(20, (stderr.columns ?? 80) - 1))}`);
		shown = true;
	};
	return {
		progress,
		note: (_code, text) => {
			// A job says its notes while it runs, and gives them back with its result.
			if (quiet || told.has(text)) return;
			told.add(text);
			clear();
			stderr.write(`${text}\n`);
		},
		signal,
		clear,
	};
}

/** An error for people: what happened, where, what to do, and the code that programs match on. */
export function errorText(thrown: unknown): string {
	const { code, message, details } = MlopsError.from(thrown);
	const { column, row, expected, found, remedy } = details;
	return [
		`Error: ${message}`,
		...(column ? [`  Column: ${column}`] : []),
		...(row ? [`  Row: ${row}`] : []),
		...(expected ? [`  Expected: ${expected}`] : []),
		...(found ? [`  Found: ${found}`] : []),
		...(remedy ? [`  ${remedy}`] : code === 'internal' ? ['  This was not foreseen: please report it with this text.'] : []),
		`  (${code})`,
		'',
	].join('\n');
}
