// The recipe as Train fits it, and the matrix that a learner gets.
import fs from 'node:fs';
import process from 'node:process';
import type { ColumnSchema } from '../../../../lib/domain/column.js';
import { answer, from, task } from '../ours.mts';
import { STEPS } from './recipe.mts';

const { loadFrame } = from<typeof import('../../../../lib/data/loadFrame.js')>('data/loadFrame.js');
const { numbersOf, valueAt } = from<typeof import('../../../../lib/data/frame.js')>('data/frame.js');
const { fitRecipe } = from<typeof import('../../../../lib/recipe/fit.js')>('recipe/fit.js');
const { compileRecipe } = from<typeof import('../../../../lib/recipe/compileRecipe.js')>('recipe/compileRecipe.js');
const { RecipeCrew, recipeThreads } = from<typeof import('../../../../lib/recipe/recipeCrew.js')>('recipe/recipeCrew.js');
const { encodeBy, fitEncoderBy } = from<typeof import('../../../../lib/recipe/encode.js')>('recipe/encode.js');
const { compileEncoder } = from<typeof import('../../../../lib/recipe/encodeRow.js')>('recipe/encodeRow.js');

const { csv, id, rows, threads } = task();
const columns = JSON.parse(fs.readFileSync(`${csv}.json`, 'utf8')) as ColumnSchema[];
const schema = columns.map((c): ColumnSchema => ({ ...c, role: c.name === 'churned' ? 'target' : 'feature' }));
// As a training does; they start while the table is read.
const crew = new RecipeCrew(recipeThreads({ rows, schema }, threads));
const raw = await loadFrame(`${csv}.parquet`, { schema, threads, shared: true });
const { fitted, frame } = await fitRecipe(raw, { steps: STEPS }, { target: numbersOf(raw, 'churned'), classes: 2, seed: 1, crew });
const state = await fitEncoderBy(crew, frame, undefined, { categories: 'onehot', missing: 'imputed', scaled: false });
if (id === 'recipe-row') row();
const matrix = await encodeBy(crew, frame, state, { float: 32 });
const found: Record<string, number> = { rows: matrix.rows };
for (const { name, data } of matrix.columns) {
	let sum = 0;
	for (let i = 0; i < data.length; i++) sum += data[i];
	found[name] = sum / data.length;
}
answer({ found });
process.exit(0);

/** A thousand rows one by one, the best of twenty rounds: what it takes once the code is warm, as in a server. */
function row(): never {
	const rows = Array.from({ length: 1000 }, (_, i) => Object.fromEntries(raw.schema.map((c, j) => [c.name, valueAt(raw.vectors[j], i)])));
	const steps = compileRecipe(fitted);
	const encoder = compileEncoder(state, (name) => steps.place(name));
	const out = new Float64Array(encoder.columns.length);
	let best = Infinity;
	for (let round = 0; round < 20; round++) {
		const start = performance.now();
		for (const one of rows) encoder.row(steps.values(one), out);
		best = Math.min(best, (performance.now() - start) / 1000 / rows.length);
	}
	answer({ found: { columns: out.length }, seconds: best });
	process.exit(0);
}
