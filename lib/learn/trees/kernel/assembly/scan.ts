// The best split of a numeric feature; see ../../plainKernel.ts for the same in plain TypeScript.

/** Constants that loops need are loaded: the engine would make those of the program anew in every round. */
const TWO52: usize = memory.data<f64>([4503599627370496]);
/** A gain below this share of what the leaf has anyway is rounding. */
const NIL: f64 = 1.0 / 1099511627776.0;

@inline
function shrink(g: f64, l1: f64): f64 {
	return l1 == 0 ? g : g > l1 ? g - l1 : g < -l1 ? g + l1 : 0;
}

export function scanNumber(cells: usize, bins: i32, missing: i32, monotone: i32, input: usize, out: usize): void {
	if (monotone == 0 && load<f64>(input, 32) == 0 && load<f64>(input, 72) == -Infinity && load<f64>(input, 80) == Infinity) scanFast(cells, bins, missing, input, out);
	else scanSlow(cells, bins, missing, monotone, input, out);
}

/** Without L1 and bounds; see plainKernel.ts for the arithmetic. What is seldom needed stays in memory: registers are scarce in the loop. */
function scanFast(cells: usize, bins: i32, missing: i32, input: usize, out: usize): void {
	const G = load<f64>(input);
	const unitG = load<f64>(input, 16);
	const unitH = load<f64>(input, 24);
	const l2 = load<f64>(input, 40) / unitH;
	const T = load<f64>(input, 8) + 2 * l2;
	const unit = (unitG * unitG) / unitH;
	const own = (G * G) / T;
	const most = load<f64>(input, 56);
	const G2 = f64x2.splat(G);
	const T2 = f64x2.splat(T);
	const l22 = f64x2.splat(l2);
	const least2 = f64x2.splat(load<f64>(input, 48));
	const most2 = f64x2.splat(most);
	const exponent = v128.load64_splat(TWO52);
	let best = f64x2.splat(max<f64>((load<f64>(input, 64) / unit - own) * T, G * G * NIL));
	store<f64>(out, -1, 8);
	for (let direction = 0; direction <= missing; direction++) {
		// With missing values on the right, "all known values left" is a split too.
		const last = missing && !direction ? bins : bins - 1;
		// A running cell: the sum of gradients above the sum of hessians, as in the histogram. Two bins at a time.
		let sum = i64x2.splat(direction ? load<i64>(cells) : 0);
		let cell = cells;
		for (let b = 1; b <= last; b += 2) {
			const pair = v128.load(cell, 8);
			cell += 16;
			const sums = i64x2.add(i64x2.add(pair, sum), v128.shuffle<i64>(i64x2.splat(0), pair, 0, 2));
			sum = v128.shuffle<i64>(sums, sums, 1, 1);
			// 32 bits below the exponent of 2^52 are a double of that much more; a conversion from unsigned takes longer.
			const h = f64x2.sub(v128.shuffle<i32>(sums, exponent, 0, 5, 2, 7), exponent);
			const g = f64x2.convert_low_i32x4_s(v128.shuffle<i32>(sums, sums, 1, 3, 1, 3));
			const left = f64x2.add(h, l22);
			const apart = f64x2.sub(f64x2.mul(g, T2), f64x2.mul(G2, left));
			const over = f64x2.mul(apart, apart);
			const under = f64x2.mul(left, f64x2.sub(T2, left));
			const fits = v128.and(f64x2.ge(h, least2), f64x2.le(h, most2));
			const better = i64x2.bitmask(v128.and(fits, f64x2.gt(over, f64x2.mul(best, under))));
			if (better) {
				if (better & 1) best = f64x2.splat(take(best, f64x2.extract_lane(over, 0) / f64x2.extract_lane(under, 0), out, b, direction, f64x2.extract_lane(g, 0), f64x2.extract_lane(h, 0)));
				if (b < last && (better & 2)) {
					const under1 = f64x2.extract_lane(under, 1);
					if (f64x2.extract_lane(over, 1) > f64x2.extract_lane(best, 0) * under1) {
						best = f64x2.splat(take(best, f64x2.extract_lane(over, 1) / under1, out, b + 1, direction, f64x2.extract_lane(g, 1), f64x2.extract_lane(h, 1)));
					}
				}
			} else if (f64x2.extract_lane(h, 0) > most) break;
		}
	}
	store<f64>(out, unit * (own + f64x2.extract_lane(best, 0) / T));
}

function scanSlow(cells: usize, bins: i32, missing: i32, monotone: i32, input: usize, out: usize): void {
	const G = load<f64>(input);
	const H = load<f64>(input, 8);
	const unitG = load<f64>(input, 16);
	const unitH = load<f64>(input, 24);
	const l1 = load<f64>(input, 32);
	const l2 = load<f64>(input, 40);
	const leastLeft = load<f64>(input, 48);
	const mostLeft = load<f64>(input, 56);
	const low = load<f64>(input, 72);
	const high = load<f64>(input, 80);
	const bounded = monotone != 0 || low > -Infinity || high < Infinity;
	let best = load<f64>(input, 64);
	let bestBin = -1;
	let bestLeft = 0;
	let bestG: f64 = 0;
	let bestH: f64 = 0;
	for (let direction = 0; direction <= missing; direction++) {
		const last = missing && !direction ? bins : bins - 1;
		let cell = cells;
		let g: f64 = direction ? <f64>load<i32>(cells, 4) : 0;
		let h: f64 = direction ? <f64>load<u32>(cells) : 0;
		for (let b = 1; b <= last; b++) {
			cell += 8;
			g += <f64>load<i32>(cell, 4);
			h += <f64>load<u32>(cell);
			if (h < leastLeft) continue;
			if (h > mostLeft) break;
			const leftHessian = h * unitH;
			const rightHessian = (H - h) * unitH;
			const gl = shrink(g * unitG, l1);
			const gr = shrink((G - g) * unitG, l1);
			let gain: f64;
			if (!bounded) gain = (gl * gl) / (leftHessian + l2) + (gr * gr) / (rightHessian + l2);
			else {
				const left = min<f64>(high, max<f64>(low, -gl / (leftHessian + l2)));
				const right = min<f64>(high, max<f64>(low, -gr / (rightHessian + l2)));
				if (monotone > 0 ? left > right : monotone < 0 && left < right) continue;
				gain = -(2 * gl * left + (leftHessian + l2) * left * left) - (2 * gr * right + (rightHessian + l2) * right * right);
			}
			if (!(gain > best)) continue;
			best = gain;
			bestBin = b;
			bestLeft = direction;
			bestG = g;
			bestH = h;
		}
	}
	answer(out, best, bestBin, bestLeft, bestG, bestH);
}

/** Notes a better split; the best from now on. */
@inline
function take(best: v128, gain: f64, out: usize, bin: i32, missingLeft: i32, g: f64, h: f64): f64 {
	if (!(gain > f64x2.extract_lane(best, 0))) return f64x2.extract_lane(best, 0);
	answer(out, gain, bin, missingLeft, g, h);
	return gain;
}

@inline
function answer(out: usize, gain: f64, bin: i32, missingLeft: i32, g: f64, h: f64): void {
	store<f64>(out, gain);
	store<f64>(out, <f64>bin, 8);
	store<f64>(out, <f64>missingLeft, 16);
	store<f64>(out, g, 24);
	store<f64>(out, h, 32);
}
