/** Cells as they cross into the sandbox; null is missing. */
export type Cells = Array<number | string | boolean | null>;

/** What the parent sends its child, once. */
export interface CodeRequest {
	code: string;
	columns: Array<[name: string, cells: Cells]>;
	/** The data frame library, if the code wants one. */
	library?: string;
	seconds: number;
	memoryBytes: number;
}

/** What comes back. `error` is for the person who wrote the code. */
export type CodeResponse =
	| { columns: Array<[name: string, cells: Cells]> }
	| { error: string; kind: 'code' | 'time' | 'memory' | 'result' };
