import fc from 'fast-check';
import { takeRows } from '../../lib/data/takeRows';
import type { ColumnSchema } from '../../lib/domain/column';
import { encode, encodedNames, fitEncoder, MAX_ONEHOT, readEncoder, encodedFeatures } from '../../lib/recipe/encode';
import { compileEncoder } from '../../lib/recipe/encodeRow';
import type { Needs } from '../../lib/recipe/matrix';
import { COLUMNS, frames, rebuilt, half, rowAt } from './frames';
import { frameOf } from '../data/frames';

const schema: ColumnSchema[] = [
	{ name: 'n', type: 'number', role: 'feature' },
	{ name: 'full', type: 'number', role: 'feature' },
	{ name: 'c', type: 'category', role: 'feature' },
	{ name: 'free', type: 'text', role: 'feature' },
	{ name: 'y', type: 'number', role: 'target' },
];
const frame = () =>
	frameOf(schema, { n: [1, null, 3, 8], full: [1, 2, 3, 4], c: ['b', 'a', null, 'b'], free: ['x', 'y', 'z', 'w'], y: [0, 1, 0, 1] });
const native: Needs = { categories: 'codes', missing: 'native', scaled: false };
const linear: Needs = { categories: 'onehot', missing: 'imputed', scaled: true };

test('codes: 0 missing, 1 unseen, then levels in sorted order, whatever the dictionary', () => {
	const state = fitEncoder(frame(), undefined, native);
	const matrix = encode(frame(), state, { float: 32 });
	expect(matrix.columns.map((c) => [c.name, c.kind, c.data.constructor.name])).toEqual([
		['n', 'number', 'Float32Array'],
		['full', 'number', 'Float32Array'],
		['c', 'category', 'Uint8Array'],
	]);
	expect([...matrix.columns[2].data]).toEqual([3, 2, 0, 3]);
	expect(matrix.columns[2]).toMatchObject({ levels: 4 });
	expect([...matrix.columns[0].data]).toEqual([1, NaN, 3, 8]);
	const other = encode(frameOf(schema, { n: [1], full: [1], c: ['new'], free: ['q'], y: [null] }), state, { float: 64 });
	expect([...other.columns[2].data]).toEqual([1]);
	expect(state.parts.map((p) => p.kind === 'codes')).toEqual([false, false, true]);
});

test('one-hot, imputed and scaled columns name their source', () => {
	const state = fitEncoder(frame(), undefined, linear);
	expect(encodedNames(state)).toEqual(['n', 'n_missing', 'full', 'c_a', 'c_b', 'c_missing']);
	expect(encodedFeatures(state)).toEqual([['n'], ['n'], ['full'], ['c'], ['c'], ['c']]);
	for (const { data } of encode(frame(), state, { float: 64 }).columns) {
		const mean = (data as Float64Array).reduce((a, b) => a + b, 0) / data.length;
		expect(mean).toBeCloseTo(0, 12);
		expect((data as Float64Array).reduce((a, b) => a + (b - mean) ** 2, 0) / data.length).toBeCloseTo(1, 12);
	}
	const plain = fitEncoder(frame(), ['n', 'c'], { ...linear, scaled: false });
	expect(encode(frame(), plain, { float: 64 }).columns.map((c) => [...c.data])).toEqual([
		[1, 3, 3, 8],
		[0, 1, 0, 0],
		[0, 1, 0, 0],
		[1, 0, 0, 1],
		[0, 0, 1, 0],
	]);
});

test('many levels: the smallest codes that hold them, or the most frequent columns and "other"', () => {
	const values = Array.from({ length: 1000 }, (_, i) => `v${i % 300}`);
	const many = frameOf([schema[2]], { c: values });
	const codes = encode(many, fitEncoder(many, undefined, native), { float: 32 });
	expect(codes.columns[0].data.constructor.name).toBe('Uint16Array');
	const names = encodedNames(fitEncoder(many, undefined, linear));
	expect(names).toHaveLength(MAX_ONEHOT);
	expect(names.at(-1)).toBe('c_other');
	const state = fitEncoder(many, undefined, { ...linear, scaled: false });
	const other = encode(frameOf([schema[2]], { c: ['never seen', null] }), state, { float: 64 });
	expect(other.columns.at(-1)?.data).toEqual(Float64Array.of(1, 0));
});

test('refuses what it cannot encode', () => {
	expect(() => fitEncoder(frameOf([schema[3], schema[4]], { free: ['a'], y: [1] }), undefined, native)).toThrow(
		expect.objectContaining({ code: 'learn.no_features' }),
	);
	expect(() => fitEncoder(frame(), ['gone'], native)).toThrow(expect.objectContaining({ code: 'data.column_unknown' }));
	const state = fitEncoder(frame(), ['c'], native);
	expect(() => encode(frameOf([{ ...schema[2], type: 'number' }], { c: [1] }), state, { float: 32 })).toThrow(
		expect.objectContaining({ code: 'learn.columns_mismatch' }),
	);
	expect(() => readEncoder({ v: 2 })).toThrow(expect.objectContaining({ code: 'learn.model_invalid' }));
	expect(readEncoder(JSON.parse(JSON.stringify(state)))).toEqual(state);
});

const needs = fc.record<Needs>({
	categories: fc.constantFrom('codes', 'onehot', 'embedding'),
	missing: fc.constantFrom('native', 'imputed'),
	scaled: fc.boolean(),
});

test('a single row is encoded as the batch is, to the bit, and the state survives JSON and depends on the training rows only', () => {
	fc.assert(
		fc.property(frames(1), frames(), needs, (train, other, n) => {
			const features = COLUMNS.filter((c) => c.role === 'feature').map((c) => c.name);
			const fitted = fitEncoder(half(train), features, n);
			expect(JSON.stringify(fitEncoder(rebuilt(half(train)), features, n))).toBe(JSON.stringify(fitted));
			const state = readEncoder(JSON.parse(JSON.stringify(fitted)));
			const matrix = encode(other, state, { float: 64 });
			const encoder = compileEncoder(state);
			expect(encoder.columns).toEqual(matrix.columns.map((c) => c.name));
			expect(new Set(encoder.columns).size).toBe(encoder.columns.length);
			expect(encodedFeatures(state)).toHaveLength(encoder.columns.length);
			for (const c of matrix.columns) if (c.kind === 'category') expect(c.data.every((code) => code < c.levels)).toBe(true);
			const out = new Float64Array(encoder.columns.length);
			const wrong: unknown[] = [];
			for (let i = 0; i < other.rows; i++) {
				encoder.row(rowAt(other, i), out);
				matrix.columns.forEach((c, j) => {
					if (out[j] !== c.data[i] && !(Number.isNaN(out[j]) && Number.isNaN(c.data[i]))) wrong.push([c.name, i, c.data[i], out[j]]);
				});
			}
			expect(wrong).toEqual([]);
		}),
		{ numRuns: 60, seed: 8 },
	);
});

test('no rows at all give an empty matrix', () => {
	const state = fitEncoder(frame(), undefined, linear);
	expect(encode(takeRows(frame(), new Uint32Array()), state, { float: 32 })).toMatchObject({ rows: 0 });
});
