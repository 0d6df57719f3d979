import { frameFromRows } from '../../lib/data/frameFromRows.js';
import type { ColumnSchema } from '../../lib/domain/column.js';
import { readPackage, writePackage } from '../../lib/formats/modelPackage.js';
import { reasonColumns } from '../../lib/app/reasonColumns.js';
import { loadModel } from '../../lib/learn/score.js';
import { trainModel } from '../../lib/learn/trainModel.js';
import { createPredictor } from '../../lib/serve/predictor.js';
import { toldValue } from '../../lib/serve/toldValue.js';
import { specOf, taskContext } from '../learn/penguins.js';

const words = JSON.stringify({ yes: 'ja', no: 'nein', shown: ['Ja', 'Nein'], v: 2 });
const column = (name: string, type: ColumnSchema['type'], more: Partial<ColumnSchema> = {}): ColumnSchema => ({
	name,
	type,
	role: 'feature',
	...more,
});

it.each([
	[1, column('a', 'boolean'), true],
	[0, column('a', 'boolean'), false],
	[0, column('a', 'boolean', { format: words }), 'Nein'],
	[null, column('a', 'boolean'), null],
	[Date.UTC(2024, 4, 5), column('a', 'datetime'), '2024-05-05'],
	[Date.UTC(2024, 4, 5, 10, 30), column('a', 'datetime'), '2024-05-05T10:30:00Z'],
	[1, column('a', 'integer'), 1],
	['1', column('a', 'category'), '1'],
	[7, undefined, 7],
] as const)('%j of %j is told as %j', (value, of, told) => {
	expect(toldValue(value, of)).toBe(told);
});

const SCHEMA = [
	column('paperless', 'boolean', { format: words }),
	column('active', 'boolean'),
	column('since', 'datetime'),
	column('age', 'integer'),
	column('leaves', 'category', { role: 'target' }),
];
const rows = Array.from({ length: 200 }, (_, i) => ({
	paperless: i % 2,
	active: Number(i % 3 === 0),
	since: Date.UTC(2024, 0, 1 + (i % 50)),
	age: i % 7,
	leaves: i % 2 && i % 50 > 20 ? 'yes' : 'no',
}));

describe.each([
	['gradientBoosting', { n_estimators: 5 }],
	['neuralNetwork', { epochs: 2 }],
])('reasons of %s', (learner, params) => {
	const trained = async () =>
		(await trainModel(frameFromRows(rows, SCHEMA), specOf({ target: 'leaves', learner, params }), taskContext())).package;

	it('say yes, no and dates as the table wrote them, for a row and in a file', async () => {
		const bytes = await trained();
		const { reasons = [] } = (await createPredictor(bytes, '')).answer({ paperless: 'Ja', active: false, since: '2024-01-30', age: 3 }, 9);
		const told = Object.fromEntries(reasons.map(({ feature, value }) => [feature, value]));
		expect(told).toEqual({ paperless: 'Ja', active: false, since: '2024-01-30', age: 3 });

		const found = await reasonColumns(frameFromRows(rows.slice(29, 30), SCHEMA), await loadModel(bytes), 4, () => undefined);
		const texts = found!.reasons.map(([name, value]) =>
			[name, value].map(({ vector }) => ('codes' in vector ? vector.dictionary[vector.codes[0] - 1] : '')),
		);
		expect(Object.fromEntries(texts)).toEqual({ paperless: 'Ja', active: 'false', since: '2024-01-30', age: '1' });
	});

	it('of a model of version 1 stay as they were', async () => {
		const { manifest, state } = readPackage(await trained());
		const before = await createPredictor(writePackage({ ...manifest, v: 1 }, state), '');
		const { reasons = [] } = before.answer({ paperless: true, active: false, since: '2024-01-30', age: 3 }, 9);
		expect(Object.fromEntries(reasons.map(({ feature, value }) => [feature, value]))).toEqual({
			paperless: 1,
			active: 0,
			since: Date.UTC(2024, 0, 30),
			age: 3,
		});
	});
});
