import { valueAt } from '../../lib/data/frame.js';
import { takeRows } from '../../lib/data/takeRows.js';
import type { ColumnSchema } from '../../lib/domain/column.js';
import { mulberry32 } from '../../lib/domain/random.js';
import {
	encode,
	encodeBy,
	encodedFeatures,
	fitEncoder,
	fitEncoderBy,
	pairsIn,
	inputsOf,
	readEncoder,
	type EncoderState,
} from '../../lib/recipe/encode.js';
import { compileEncoder } from '../../lib/recipe/encodeRow.js';
import { joinEncoders } from '../../lib/recipe/joinEncoders.js';
import type { Needs } from '../../lib/recipe/matrix.js';
import { RecipeCrew } from '../../lib/recipe/recipeCrew.js';
import { frameOf } from '../data/frames.js';

const needs: Needs = { categories: 'codes', missing: 'native', scaled: false, pairs: 3 };
const schema: ColumnSchema[] = [
	...['card', 'year', 'colour', 'shop'].map((name): ColumnSchema => ({ name, type: 'category', role: 'feature' })),
	{ name: 'amount', type: 'number', role: 'feature' },
];
const ROWS = 4000;

/** Cards of a kind and a year of the same parity answer more; neither column alone tells anything. The other columns never do. */
function table(rows = ROWS, seed = 1) {
	const random = mulberry32(seed);
	const draw = (n: number): number => Math.floor(random() * n);
	const card = Array.from({ length: rows }, () => (random() < 0.03 ? null : draw(6)));
	const year = Array.from({ length: rows }, () => draw(8));
	const frame = frameOf(schema, {
		card: card.map((k) => (k === null ? null : `kind ${k}`)),
		year: year.map((k) => `20${10 + k}`),
		colour: card.map(() => `colour ${draw(5)}`),
		shop: card.map(() => `shop ${draw(300)}`),
		amount: card.map(() => random()),
	});
	const y = Float64Array.from(card, (k, i) => Number(random() < ((k ?? 0) % 2 === year[i] % 2 ? 0.7 : 0.3)));
	return { frame, y };
}
const fitted = (): EncoderState => {
	const { frame, y } = table();
	return readEncoder(JSON.parse(JSON.stringify(fitEncoder(frame, undefined, needs, { y, classes: 2 }))));
};
const pairsOf = (state: EncoderState) => state.parts.filter((p) => p.kind === 'pair');

describe('pairs of categories', () => {
	it('are those that tell together what neither tells alone, of any kind of answer, and no others', () => {
		const { frame, y } = table();
		const sources = (answers: { y: Float64Array; classes: number }) =>
			pairsOf(fitEncoder(frame, undefined, needs, answers)).map((p) => [...p.sources].sort());
		expect(sources({ y, classes: 2 })).toEqual([['card', 'year']]);
		expect(sources({ y: y.map((v, i) => 100 + 5 * v + (i % 7)), classes: 0 })).toEqual([['card', 'year']]);
		expect(sources({ y: y.map((v, i) => (i % 10 === 0 ? 2 : v)), classes: 3 })).toEqual([['card', 'year']]);
		// What adds up needs no pair, and what is drawn by chance has none.
		const sum = Float64Array.from({ length: frame.rows }, (_, i) => String(valueAt(frame.vectors[0], i)).length + (i % 3));
		expect(sources({ y: sum, classes: 0 })).toEqual([]);
		const random = mulberry32(9);
		expect(sources({ y: y.map(() => Number(random() < 0.5)), classes: 2 })).toEqual([]);
		expect(sources({ y: y.map(() => 1), classes: 2 })).toEqual([]);
	});

	it('are not looked for where nobody asks, where columns are one-hot, or where there are no two', () => {
		const { frame, y } = table();
		const answers = { y, classes: 2 };
		const few = table(30);
		for (const state of [
			fitEncoder(frame, undefined, { ...needs, pairs: undefined }, answers),
			fitEncoder(frame, undefined, { ...needs, categories: 'onehot' }, answers),
			fitEncoder(frame, undefined, needs),
			fitEncoder(frame, ['card', 'amount'], needs, answers),
			fitEncoder(few.frame, undefined, needs, { y: few.y, classes: 2 }),
			fitEncoder(takeRows(frame, new Uint32Array([0])), undefined, needs, { y: y.slice(0, 1), classes: 2 }),
		])
			expect(pairsIn(state)).toEqual([]);
	});

	it('keep the pairs of values that two rows have, gaps among them, and call others unseen, row by row as all at once', () => {
		const state = fitted();
		const [pair] = pairsOf(state);
		const [card, year] = pair.sources[0] === 'card' ? [0, 1] : [1, 0];
		expect(pair.levels.length).toBeGreaterThan(48);
		expect(pair.levels.some((level) => level[card] === null)).toBe(true);
		expect(new Set(pair.levels.map((level) => JSON.stringify(level))).size).toBe(pair.levels.length);
		const other = frameOf(schema, {
			card: ['kind 1', null, 'kind 1', 'a new kind', 'null'],
			year: ['2012', '2013', 'a new year', '2012', '2012'],
			colour: ['', null, 'x', 'y', 'z'],
			shop: [null, null, null, null, null],
			amount: [1, 2, 3, 4, null],
		});
		const matrix = encode(other, state, { float: 64 });
		const column = matrix.columns.at(-1)!;
		expect(column).toMatchObject({ name: `${pair.sources[0]} x ${pair.sources[1]}`, kind: 'category', levels: pair.levels.length + 2 });
		const codeOf = (a: string | null, b: string) => 2 + pair.levels.findIndex((level) => level[card] === a && level[year] === b);
		expect([...column.data]).toEqual([codeOf('kind 1', '2012'), codeOf(null, '2013'), 1, 1, 1]);
		const row = compileEncoder(state);
		expect(row.columns).toEqual(matrix.columns.map((c) => c.name));
		const out = new Float64Array(row.columns.length);
		for (let i = 0; i < other.rows; i++) {
			row.row(Object.fromEntries(other.schema.map((c, j) => [c.name, valueAt(other.vectors[j], i)])), out);
			expect([...out]).toEqual(matrix.columns.map((c) => c.data[i]));
		}
		const anew = encode(other, state, { float: 64, anew: true });
		expect(anew.columns.map((c) => [...c.data])).toEqual(matrix.columns.map((c) => [...c.data]));
	});

	it('are made by several threads as by one', async () => {
		const { frame, y } = table();
		const crew = new RecipeCrew(2);
		const state = await fitEncoderBy(crew, frame, undefined, needs, { y, classes: 2 });
		expect(JSON.parse(JSON.stringify(state))).toEqual(fitted());
		const [one, two] = [encode(frame, state, { float: 64 }), await encodeBy(crew, frame, state, { float: 64 })];
		await crew.close();
		expect(two.columns.map((c) => [...c.data])).toEqual(one.columns.map((c) => [...c.data]));
	});

	it('belong to both of their columns, for reasons and for whoever makes the inputs himself', () => {
		const state = fitted();
		const [pair] = pairsOf(state);
		expect(encodedFeatures(state)).toEqual([['card'], ['year'], ['colour'], ['shop'], ['amount'], pair.sources]);
		expect(inputsOf(state).at(-1)).toEqual({
			...{ name: pair.name, source: pair.sources.join(' and '), holds: 'pair' },
			...{ sources: pair.sources, levels: pair.levels },
		});
	});

	it('take a name that is free, and stand once where two members of an ensemble have the same', () => {
		const { frame, y } = table();
		const named = { ...frame, schema: frame.schema.map((c) => (c.name === 'colour' ? { ...c, name: 'year x card' } : c)) };
		const state = fitEncoder(named, undefined, needs, { y, classes: 2 });
		const names = encode(named, state, { float: 64 }).columns.map((c) => c.name);
		expect(new Set(names).size).toBe(names.length);
		const plain = fitEncoder(frame, undefined, { ...needs, pairs: undefined });
		const { encoder, picks } = joinEncoders([plain, fitted(), fitted()]);
		expect(pairsOf(encoder)).toHaveLength(1);
		expect(picks).toEqual([
			[0, 1, 2, 3, 4],
			[0, 1, 2, 3, 4, 5],
			[0, 1, 2, 3, 4, 5],
		]);
	});
});
