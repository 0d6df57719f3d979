import { createRequire } from 'node:module';
import path from 'node:path';
import fs from 'node:fs';
import { root } from '../../../scripts/build/paths.mts';
import type { Column, Labels, Matrix } from '../../../lib/learn/contract.js';

const require = createRequire(import.meta.url);
const { mulberry32 } = require(path.join(root, 'dist/lib/domain/random.js')) as typeof import('../../../lib/domain/random.js');

export interface MadeRows {
	x: Matrix;
	labels: Labels;
	/** Log loss of somebody who knows how they were made: less is luck. */
	least: number;
}

/** Rows whose class is a smooth and a sharp function of five columns, by chance; the others say nothing. */
export function madeRows(count: number, columns: number, seed: number): MadeRows {
	const random = mulberry32(seed);
	const data = Array.from({ length: columns }, () => Float64Array.from({ length: count }, () => random() * 2 - 1));
	let loss = 0;
	const y = Float64Array.from({ length: count }, (_, i) => {
		const score = 3 * data[0][i] * data[1][i] + Math.sin(6 * data[2][i]) + (data[3][i] > 0.3 ? 1 : -1) + data[4][i];
		const probability = 1 / (1 + Math.exp(-2 * score));
		const is = Number(random() < probability);
		loss -= Math.log(is ? probability : 1 - probability);
		return is;
	});
	const x: Matrix = { rows: count, columns: data.map((d, j) => ({ name: `x${j}`, kind: 'number', data: d })) };
	return { x, labels: { y, classes: 2 }, least: loss / count };
}

/** Levels of the categories of a mixed table, over and over. */
const LEVELS = [3, 6, 12, 40, 200];

/** The same, and categories each of which says a little. */
export function madeMixedRows(count: number, numbers: number, categories: number, seed: number): MadeRows {
	const { x, labels, least } = madeRows(count, numbers, seed);
	const random = mulberry32(seed + 1000);
	const coded = Array.from({ length: categories }, (_, j): Column => {
		const levels = LEVELS[j % LEVELS.length];
		const data = Uint32Array.from({ length: count }, () => random() * levels);
		return { name: `c${j}`, kind: 'category', levels, data };
	});
	const y = labels.y.map((is, i) => {
		const said = coded.find(({ data }) => random() < 0.03 * Number(data[i] % 3 === 0));
		return said ? 1 : is;
	});
	return { x: { rows: count, columns: [...x.columns, ...coded] }, labels: { ...labels, y }, least };
}

/** Writes rows as 32-bit numbers: `<name>.x`, row after row, and `<name>.y`. */
export function writeRows(folder: string, name: string, { x: { rows, columns }, labels }: MadeRows): void {
	const flat = new Float32Array(rows * columns.length);
	columns.forEach(({ data }, j) => {
		for (let i = 0; i < rows; i++) flat[i * columns.length + j] = data[i];
	});
	fs.writeFileSync(path.join(folder, `${name}.x`), flat);
	fs.writeFileSync(path.join(folder, `${name}.y`), Float32Array.from(labels.y));
}
