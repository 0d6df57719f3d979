import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ALL_FORMS } from '../grammar/forms.js';

/** The part of the WebAssembly interface that is used here; the compiler's own types for it come with a browser's. */
interface Api {
	Module: new (bytes: Uint8Array) => object;
	Instance: new (module: object) => { exports: unknown };
}
const { WebAssembly: wasm } = globalThis as unknown as { WebAssembly: Api };

/** Of `kernel/assembly/cells.ts`: where its state and the file's bytes lie, and what `run` says. */
const AT = 4096;
const FORMS = AT + 64;
const BYTES = 8192;
/** Bytes that may be looked at behind the last one. */
const BEHIND = 16;
const State = {
	at: 0,
	end: 1,
	column: 2,
	row: 3,
	from: 4,
	to: 5,
	ofColumn: 6,
	ofRow: 7,
	width: 8,
	delimiter: 9,
	quote: 10,
	crlf: 11,
} as const;
const Said = { done: 0, lacks: 1, odd: 2 } as const;

/** A cell that lacks forms of its column. */
export type TakeCell = (bytes: Buffer, column: number, from: number, to: number, row: number) => void;

export interface CellKernel {
	/** Where the bytes of a block are to be. */
	bytes: Buffer;
	/** Forms of the columns so far. */
	forms: Uint8Array;
	/** Rows so far. */
	rows(): number;
	/** Looks at whole lines; false where one is not plainly a row. */
	look(begin: number, end: number, take: TakeCell): boolean;
}

let compiled: object | null | undefined;

/** What looks at cells in WebAssembly; nothing where the platform lacks SIMD, or where it was not built. */
export function cellKernel(block: number, how: { width: number; delimiter: number; quote: number; crlf: boolean }): CellKernel | undefined {
	if (compiled === undefined) {
		try {
			compiled = new wasm.Module(readFileSync(path.join(__dirname, 'kernel', 'cells.wasm')));
		} catch {
			compiled = null;
		}
	}
	if (!compiled) return undefined;
	const { memory, run } = new wasm.Instance(compiled).exports as { memory: { buffer: ArrayBuffer }; run(): number };
	if (memory.buffer.byteLength < BYTES + block + BEHIND || FORMS + how.width > BYTES) return undefined;
	const state = new Uint32Array(memory.buffer, AT, Object.keys(State).length);
	const bytes = Buffer.from(memory.buffer, BYTES, block);
	const forms = new Uint8Array(memory.buffer, FORMS, how.width).fill(ALL_FORMS);
	state[State.width] = how.width;
	state[State.delimiter] = how.delimiter;
	state[State.quote] = how.quote;
	state[State.crlf] = Number(how.crlf);
	return {
		bytes,
		forms,
		rows: () => state[State.row],
		look(begin, end, take) {
			state[State.at] = BYTES + begin;
			state[State.end] = BYTES + end;
			state[State.column] = 0;
			for (let said = run(); said !== Said.done; said = run()) {
				if (said === Said.odd) return false;
				take(bytes, state[State.ofColumn], state[State.from] - BYTES, state[State.to] - BYTES, state[State.ofRow]);
			}
			return true;
		},
	};
}
