/**
 * Runs one piece of people's code and ends. This process was started with Node's permission model (no files but its own program, no
 * processes, no threads, no native code) and an empty environment; the code itself runs in QuickJS, an engine without any host object.
 * It imports nothing of ours at run time, so that it can also be started from its source.
 */
import { getQuickJS, type QuickJSRuntime } from 'quickjs-emscripten';
import type { CodeRequest, CodeResponse } from './codeMessages.js';

const STACK_BYTES = 1 << 20;

/** The few names that libraries look for, and chance that repeats: mulberry32 of `domain/random.ts`, as text that QuickJS can read. */
const PRELUDE = `
globalThis.console = { log() {}, info() {}, warn() {}, error() {}, debug() {} };
globalThis.performance = { now: () => 0 };
globalThis.setTimeout = () => 0;
globalThis.clearTimeout = () => {};
{
	let state = 0x2545f491;
	Math.random = () => {
		state = (state + 0x6d2b79f5) | 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
	};
}`;

/** Gives the code its data, takes its answer, and checks that this is columns of plain values. */
const frame = (code: string): string => `(() => {
	const input = JSON.parse(__input);
	const columns = Object.create(null);
	for (const [name, cells] of input) columns[name] = cells;
	const isFrame = (x) => typeof dfd !== 'undefined' && x instanceof dfd.DataFrame;
	const asFrame = () => {
		const names = input.map(([name]) => name);
		const rows = input.length ? input[0][1].map((_, i) => input.map(([, cells]) => cells[i])) : [];
		return new dfd.DataFrame(rows, { columns: names });
	};
	const df = typeof dfd === 'undefined' ? undefined : asFrame();
	const given = df ?? columns;
	const answer = (function (df, columns) { "use strict";\n${code}\n})(df, columns);
	const result = answer === undefined ? given : answer;
	if (result === null || typeof result !== 'object') {
		const wanted = df ? 'a data frame' : 'an object of columns';
		throw new TypeError('__result:The code must return ' + wanted + ', not ' + (result === null ? 'null' : 'a ' + typeof result) + '.');
	}
	const pairs = isFrame(result)
		? result.columns.map((name, j) => [String(name), result.values.map((row) => row[j])])
		: Object.keys(result).map((name) => [name, result[name]]);
	for (const [name, cells] of pairs) {
		if (!Array.isArray(cells)) throw new TypeError('__result:Column "' + name + '" of the answer is no list of values.');
		for (let i = 0; i < cells.length; i++) {
			const v = cells[i];
			if (v === undefined || v === null || (typeof v === 'number' && !Number.isFinite(v))) cells[i] = null;
			else if (v instanceof Date) cells[i] = v.getTime();
			else if (typeof v !== 'number' && typeof v !== 'string' && typeof v !== 'boolean')
				throw new TypeError('__result:Column "' + name + '" holds a value of type ' + typeof v + ' (row ' + (i + 1) + ').');
		}
	}
	return JSON.stringify(pairs);
})()`;

function describe(thrown: unknown): string {
	if (typeof thrown !== 'object' || thrown === null) return String(thrown);
	const { name, message } = thrown as { name?: unknown; message?: unknown };
	return `${String(name ?? 'Error')}: ${String(message ?? '')}`;
}

function evaluate(runtime: QuickJSRuntime, request: CodeRequest, timedOut: () => boolean): CodeResponse {
	const context = runtime.newContext();
	for (const [source, file] of [[PRELUDE, 'prelude.js'], ...(request.library ? [[request.library, 'danfojs.js']] : [])]) {
		const loaded = context.evalCode(source, file);
		if (loaded.error) return refusal(describe(context.dump(loaded.error)), timedOut());
		loaded.value.dispose();
	}
	context.newString(JSON.stringify(request.columns)).consume((input) => context.setProp(context.global, '__input', input));
	const result = context.evalCode(frame(request.code), 'code.js');
	if (result.error) return refusal(describe(context.dump(result.error)), timedOut());
	const text = context.getString(result.value);
	return { columns: JSON.parse(text) as Array<[string, Array<number | string | boolean | null>]> };
}

function refusal(error: string, timedOut: boolean): CodeResponse {
	if (timedOut) return { error, kind: 'time' };
	if (/out of memory/i.test(error)) return { error, kind: 'memory' };
	const result = /__result:(.*)$/s.exec(error);
	return result ? { error: result[1], kind: 'result' } : { error, kind: 'code' };
}

process.once('message', (message) => {
	void (async () => {
		const request = message as CodeRequest;
		const runtime = (await getQuickJS()).newRuntime();
		runtime.setMemoryLimit(request.memoryBytes);
		runtime.setMaxStackSize(STACK_BYTES);
		const end = Date.now() + request.seconds * 1000;
		const parent = process.ppid;
		let expired = false;
		runtime.setInterruptHandler(() => {
			// While the engine runs no event arrives, so a parent that is gone is noticed here.
			if (process.ppid !== parent) process.exit(0);
			return (expired ||= Date.now() > end);
		});
		let response: CodeResponse;
		try {
			response = evaluate(runtime, request, () => expired);
		} catch (thrown) {
			response = refusal(String(thrown), expired);
		}
		// The process ends here, so nothing inside the engine needs to be freed.
		process.send?.(response, undefined, undefined, () => process.exit(0));
	})();
});
process.once('disconnect', () => process.exit(0));
