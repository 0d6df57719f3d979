import { type Dictionary } from '../domain/dictionary.js';
export type Typed = Float32Array | Float64Array | Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array;

/** A fitted model as data: canonical JSON and little-endian arrays. */
export interface State {
	format: string;
	version: number;
	meta: Record<string, unknown>;
	arrays: Dictionary<Typed>;
}
