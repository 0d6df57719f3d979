/** One block of memory and all the views on it; a pointer is a byte offset. Both kernels work on the same layout. */
export interface Arena {
	buffer: ArrayBufferLike;
	u8: Uint8Array;
	i16: Int16Array;
	u16: Uint16Array;
	i32: Int32Array;
	u32: Uint32Array;
	f32: Float32Array;
	f64: Float64Array;
}

export const arenaOn = (buffer: ArrayBufferLike): Arena => ({
	buffer,
	u8: new Uint8Array(buffer),
	i16: new Int16Array(buffer),
	u16: new Uint16Array(buffer),
	i32: new Int32Array(buffer),
	u32: new Uint32Array(buffer),
	f32: new Float32Array(buffer),
	f64: new Float64Array(buffer),
});

/** Hands out aligned stretches of an arena that is made when all sizes are known. */
export class Planner {
	private at: number;
	constructor(start: number) {
		this.at = start;
	}
	take(bytes: number): number {
		const here = this.at;
		this.at = Math.ceil((here + bytes) / 64) * 64;
		return here;
	}
	get total(): number {
		return this.at;
	}
}
