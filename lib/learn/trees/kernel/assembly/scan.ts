// The best split of a numeric feature; see ../../plainKernel.ts for the same in plain TypeScript.

/** Constants that loops need are loaded: the engine would make those of the program anew in every round. */
const TWO52: usize = memory.data<f64>([4503599627370496]);
/** A gain below this share of what the leaf has anyway is rounding. */
const NIL: f64 = 1.0 / 1099511627776.0;
const ALMOST: f64 = 1 - NIL;

@inline
function shrink(g: f64, l1: f64): f64 {
	return l1 == 0 ? g : g > l1 ? g - l1 : g < -l1 ? g + l1 : 0;
}

/**
 * `beaten`: what another feature of the same leaf has reached, 0 for none. One that stays below it is only asked whether it could split at
 * all. Answers what has been reached now.
 */
export function scanNumber(cells: usize, bins: i32, missing: i32, monotone: i32, input: usize, out: usize, beaten: f64): f64 {
	if (monotone == 0 && load<f64>(input, 32) == 0 && load<f64>(input, 72) == -Infinity && load<f64>(input, 80) == Infinity)
		return scanFast(cells, bins, missing, input, out, beaten);
	scanSlow(cells, bins, missing, monotone, input, out);
	return beaten;
}

/**
 * Without L1 and bounds; see plainKernel.ts for the arithmetic. What is seldom needed stays in memory: registers are scarce in the loop.
 */
function scanFast(cells: usize, bins: i32, missing: i32, input: usize, out: usize, beaten: f64): f64 {
	const G = load<f64>(input);
	const H = load<f64>(input, 8);
	const unitG = load<f64>(input, 16);
	const unitH = load<f64>(input, 24);
	const l2 = load<f64>(input, 40) / unitH;
	const T = H + 2 * l2;
	const unit = (unitG * unitG) / unitH;
	const own = (G * G) / T;
	const least = <i64>load<f64>(input, 48);
	const most = <i64>load<f64>(input, 56);
	const G2 = f64x2.splat(G);
	const T2 = f64x2.splat(T);
	const l22 = f64x2.splat(l2);
	const exponent = v128.load64_splat(TWO52);
	let best = max<f64>((load<f64>(input, 64) / unit - own) * T, G * G * NIL);
	store<f64>(out, -1, 8);
	for (let direction = 0; direction <= missing; direction++) {
		// With missing values on the right, "all known values left" is a split too.
		let last = missing && !direction ? bins : bins - 1;
		// A running cell: the sum of gradients above the sum of hessians, as in the histogram. The bins that leave too little on the left are
		// passed over ...
		let running = direction ? load<i64>(cells) : 0;
		let b = 1;
		let cell = cells + 8;
		for (; b <= last; b++, cell += 8) {
			const next = running + load<i64>(cell);
			if (<i64>(<u32>next) >= least) break;
			running = next;
		}
		// ... and, from the other end, those that leave too little on the right.
		let left = <i64>H;
		if (!direction) left -= <i64>load<u32>(cells);
		if (last < bins) left -= <i64>load<u32>(cells + (<usize>bins << 3));
		for (; b <= last && left > most; last--) left -= <i64>load<u32>(cells + (<usize>last << 3));
		let sum = i64x2.splat(running);
		let best2 = f64x2.splat(best);
		// Four bins at a time.
		for (; b + 3 <= last; b += 4, cell += 32) {
			const pair = v128.load(cell);
			const sums = i64x2.add(i64x2.add(pair, sum), v128.shuffle<i64>(i64x2.splat(0), pair, 0, 2));
			const pair1 = v128.load(cell, 16);
			const sums1 = i64x2.add(i64x2.add(pair1, v128.shuffle<i64>(sums, sums, 1, 1)), v128.shuffle<i64>(i64x2.splat(0), pair1, 0, 2));
			sum = v128.shuffle<i64>(sums1, sums1, 1, 1);
			// 32 bits below the exponent of 2^52 are a double of that much more; a conversion from unsigned takes longer.
			const left0 = f64x2.add(f64x2.sub(v128.shuffle<i32>(sums, exponent, 0, 5, 2, 7), exponent), l22);
			const left1 = f64x2.add(f64x2.sub(v128.shuffle<i32>(sums1, exponent, 0, 5, 2, 7), exponent), l22);
			const apart0 = f64x2.sub(f64x2.mul(f64x2.convert_low_i32x4_s(v128.shuffle<i32>(sums, sums, 1, 3, 1, 3)), T2), f64x2.mul(G2, left0));
			const apart1 = f64x2.sub(f64x2.mul(f64x2.convert_low_i32x4_s(v128.shuffle<i32>(sums1, sums1, 1, 3, 1, 3)), T2), f64x2.mul(G2, left1));
			const over0 = f64x2.mul(apart0, apart0);
			const over1 = f64x2.mul(apart1, apart1);
			const under0 = f64x2.mul(left0, f64x2.sub(T2, left0));
			const under1 = f64x2.mul(left1, f64x2.sub(T2, left1));
			if (v128.any_true(v128.or(f64x2.gt(over0, f64x2.mul(best2, under0)), f64x2.gt(over1, f64x2.mul(best2, under1))))) {
				best = better(
					best, f64x2.extract_lane(over0, 0), f64x2.extract_lane(under0, 0), i64x2.extract_lane(sums, 0), b, direction, out, beaten,
				);
				best = better(
					best, f64x2.extract_lane(over0, 1), f64x2.extract_lane(under0, 1), i64x2.extract_lane(sums, 1), b + 1, direction, out, beaten,
				);
				best = better(
					best, f64x2.extract_lane(over1, 0), f64x2.extract_lane(under1, 0), i64x2.extract_lane(sums1, 0), b + 2, direction, out, beaten,
				);
				best = better(
					best, f64x2.extract_lane(over1, 1), f64x2.extract_lane(under1, 1), i64x2.extract_lane(sums1, 1), b + 3, direction, out, beaten,
				);
				best2 = f64x2.splat(best);
			}
		}
		running = i64x2.extract_lane(sum, 0);
		for (; b <= last; b++, cell += 8) {
			running += load<i64>(cell);
			const side = <f64>(<u32>running) + l2;
			const apart = <f64>(<i32>(running >> 32)) * T - G * side;
			best = better(best, apart * apart, side * (T - side), running, b, direction, out, beaten);
		}
	}
	if (load<f64>(out, 8) < 0) return beaten;
	store<f64>(out, unit * (own + load<f64>(out) / T));
	// A hair less, so that an equal feature is still found: which of the two wins is decided by their order.
	return max<f64>(beaten, best * ALMOST);
}

/** Notes a split if it is better; the best from now on. */
function better(best: f64, over: f64, under: f64, sum: i64, bin: i32, missingLeft: i32, out: usize, beaten: f64): f64 {
	if (!(over > best * under)) return best;
	const gain = over / under;
	if (!(gain > best)) return best;
	answer(out, gain, bin, missingLeft, <f64>(<i32>(sum >> 32)), <f64>(<u32>sum));
	return max<f64>(gain, beaten);
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

@inline
function answer(out: usize, gain: f64, bin: i32, missingLeft: i32, g: f64, h: f64): void {
	store<f64>(out, gain);
	store<f64>(out, <f64>bin, 8);
	store<f64>(out, <f64>missingLeft, 16);
	store<f64>(out, g, 24);
	store<f64>(out, h, 32);
}
