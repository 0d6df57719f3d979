/**
 * One input column as learners see it. NaN is missing; infinities are refused at fit with `learn.value_infinite`.
 * `anew`: nobody keeps its values, they are worked out each time that `data` is read. Read it once for a whole pass.
 */
export type Column = { name: string; readonly anew?: true } & (
	| { kind: 'number'; readonly data: Float32Array | Float64Array }
	/** Codes: 0 missing, 1 unseen, 2.. known levels; a code >= `levels` is refused with `learn.code_out_of_range`. */
	| { kind: 'category'; readonly data: Uint8Array | Uint16Array | Uint32Array; levels: number }
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
	/** Pairs of category columns that become columns of their own beside them, at most; of codes alone. */
	pairs?: number;
	/** It looks at the training rows one column after the other and keeps what it needs in a form of its own: columns come `anew`. */
	byColumn?: true;
}
