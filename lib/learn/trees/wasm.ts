/** The part of the WebAssembly interface that the engine uses; the compiler's own types for it come with a browser's. */
export interface WasmModule {
	readonly [Symbol.toStringTag]?: string;
}
export interface WasmMemory {
	readonly buffer: SharedArrayBuffer;
}
interface Api {
	Module: new (bytes: Uint8Array) => WasmModule;
	Instance: new (module: WasmModule, imports: Record<string, Record<string, unknown>>) => { exports: unknown };
	Memory: new (size: { initial: number; maximum: number; shared: boolean }) => WasmMemory;
}

export const wasm = (globalThis as unknown as { WebAssembly: Api }).WebAssembly;
