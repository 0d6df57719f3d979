/** One input column as learners see it. NaN is missing; infinities are refused at fit with `learn.value_infinite`. */
export type Column = { name: string } & (
	| { kind: 'number'; data: Float32Array | Float64Array }
	/** Codes: 0 missing, 1 unseen, 2.. known levels; a code >= `levels` is refused with `learn.code_out_of_range`. */
	| { kind: 'category'; data: Uint8Array | Uint16Array | Uint32Array; levels: number }
);

/** Column-major, read-only; the arrays may lie in shared memory. */
export interface Matrix {
	rows: number;
	columns: Column[];
	rowId?: Float64Array;
}

/** What form a learner wants its inputs in; lib/recipe/encode.ts provides it. */
export interface Needs {
	categories: 'codes' | 'onehot' | 'embedding';
	missing: 'native' | 'imputed';
	scaled: boolean;
}
