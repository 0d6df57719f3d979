/** Points and weights of Gauss and Legendre on 0..1: `count` of them integrate every polynomial below degree `2 * count` exactly. */
export interface Quadrature {
	point: Float64Array;
	weight: Float64Array;
}

const known: Quadrature[] = [];

export function quadrature(count: number): Quadrature {
	return (known[count] ??= solve(count));
}

/** Zeros of the Legendre polynomial by Newton's method, from the usual cosine guess. */
function solve(count: number): Quadrature {
	const point = new Float64Array(count);
	const weight = new Float64Array(count);
	for (let i = 0; i < count; i++) {
		let x = Math.cos((Math.PI * (i + 0.75)) / (count + 0.5));
		let slope = 1;
		for (let round = 0; round < 100; round++) {
			let before = 1;
			let now = x;
			for (let k = 2; k <= count; k++) [before, now] = [now, ((2 * k - 1) * x * now - (k - 1) * before) / k];
			slope = (count * (x * now - before)) / (x * x - 1);
			const step = now / slope;
			x -= step;
			if (Math.abs(step) < 1e-15) break;
		}
		point[i] = (1 - x) / 2;
		weight[i] = 1 / ((1 - x * x) * slope * slope);
	}
	return { point, weight };
}
