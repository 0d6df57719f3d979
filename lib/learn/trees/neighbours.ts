const float = new Float32Array(1);
const floatBits = new Int32Array(float.buffer);
const double = new Float64Array(1);
const doubleBits = new BigInt64Array(double.buffer);

/** The largest single below v, which is a single itself. */
export function singleBefore(v: number): number {
	float[0] = v;
	if (v === 0) floatBits[0] = -0x7fffffff;
	else floatBits[0] += v > 0 ? -1 : 1;
	return float[0];
}

/** The largest double below v. */
export function doubleBefore(v: number): number {
	if (v === 0) return -Number.MIN_VALUE;
	double[0] = v;
	doubleBits[0] += v > 0 ? -1n : 1n;
	return double[0];
}

/** The largest single that is not above v: for singles x, `x <= v` holds exactly where `x <= singleFloor(v)` does. */
export function singleFloor(v: number): number {
	const near = Math.fround(v);
	return near > v ? singleBefore(near) : near;
}
