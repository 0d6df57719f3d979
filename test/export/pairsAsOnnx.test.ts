import { exportById, writeExport } from '../../lib/export/index.js';
import { firstTree } from '../../lib/learn/treeOf.js';
import { trainModel } from '../../lib/learn/trainModel.js';
import { createPredictor } from '../../lib/serve/predictor.js';
import { cardPayments } from '../learn/cardPayments.js';
import { specOf, taskContext } from '../learn/penguins.js';
import { onnxRuntime } from '../learn/trees/helpers/onnxRuntime.js';
import { encodeBy, type Description } from './describedInputs.js';

const runtime = onnxRuntime();
afterAll(() => runtime.close());

const asked = [
	{ card: 'k1', year: 'y3', amount: 0.5 },
	{ card: 'k1', year: 'y4', amount: 0.5 },
	{ card: null, year: 'y4', amount: null },
	{ card: 'k2', year: null, amount: 0.1 },
	{ card: 'another', year: 'y0', amount: 0.9 },
	{ card: 'k5', year: 'y6', amount: 7 },
];

it('a model with pairs of categories answers in ONNX Runtime as here, with inputs made by its description alone', async () => {
	const spec = specOf({ target: 'paid', params: { category_pairs: 2, n_estimators: 20 } });
	const { package: bytes } = await trainModel(cardPayments(), spec, taskContext());
	const { files } = await writeExport(exportById('onnx'), { name: 'cards@1', digest: '', bytes });
	const description = JSON.parse(new TextDecoder().decode(files[1].bytes)) as Description;
	expect(description.input.columns.map(({ holds }) => holds)).toEqual(['category', 'category', 'number', 'pair']);
	const rows = asked.map((row) => encodeBy(description, row));
	const theirs = await runtime.run(files[0].bytes, Float64Array.from(rows.flat()), 4);
	const predictor = await createPredictor(bytes, '');
	const ours = asked.map((row) => predictor.answer(row, 0).score[0]);
	expect(Math.abs(ours[0] - ours[1])).toBeGreaterThan(0.5);
	ours.forEach((v, i) => expect(Math.abs(theirs[i] - v)).toBeLessThan(1e-6));
	// A drawing of its first tree has the pairs by name.
	const { root } = firstTree(bytes, 2)!;
	expect(JSON.stringify(root)).toMatch(/k\d with y\d|y\d with k\d/);
});
