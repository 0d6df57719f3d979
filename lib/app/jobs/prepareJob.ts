import { z } from 'zod/v4';
import { defineJob } from '../../compute/contract.js';
import type { StoredFiles } from '../../data/duck.js';
import { isNumberVector } from '../../data/frame.js';
import { loadFrame } from '../../data/loadFrame.js';
import { countsOf } from '../../data/spellings.js';
import type { ColumnSchema } from '../../domain/column.js';
import { frameRows } from '../../data/preview.js';
import { datasetHandle, handleColumns, type DatasetRecord } from '../../domain/dataset.js';
import { itemRecipe } from '../../domain/item.js';
import { profileSchema } from '../../domain/profile.js';
import { recipeStep, type FittedStep, type Recipe, type RecipeStep } from '../../domain/recipe.js';
import { datasetPass, fitRecipe, resolveSchema } from '../../recipe/fit.js';
import { proposeCleaning } from '../../recipe/propose.js';
import { stepById } from '../../recipe/steps/index.js';
import { recipeReport } from '../../report/reports/recipe.js';
import { recipeDigest } from '../../recipe/recipeDigest.js';
import { namesColumn } from '../../recipe/touched.js';
import type { Store } from '../../store/contract.js';
import { reportRecord } from '../../domain/report.js';
import { dataFiles } from '../dataFiles.js';
import { keepReport } from '../keepReport.js';
import { storeRef } from '../../domain/storeRef.js';
import { withKept } from '../withStore.js';

/** Rows that a preview computes on: enough to see what a step does, little enough to answer in a second. */
const SAMPLE_ROWS = 20_000;
const PREVIEW_ROWS = 20;

/** Appends steps to a recipe (or proposes them), tries them on a sample and shows what they do. Nothing of the dataset is changed. */
export const prepareJob = defineJob({
	id: 'prepare',
	input: z.object({
		store: storeRef,
		dataset: datasetHandle,
		recipe: itemRecipe,
		/** Steps to append; `automatic` asks the profile instead. */
		steps: z.array(recipeStep),
		automatic: z.boolean(),
	}),
	output: z.object({
		dataset: datasetHandle,
		recipe: itemRecipe,
		added: z.array(z.object({ step: z.string(), text: z.string(), reason: z.string().optional(), dropped: z.number().optional() })),
		sampleRows: z.number(),
		report: reportRecord,
	}),
	run: async (input, context) =>
		await withKept(input.store, async (store) => {
			const record = await store.get('dataset', input.dataset.id);
			context.progress({ stage: 'Reading a sample', share: 0.1 });
			const path = await dataFiles(store, record.body);
			const frame = await loadFrame(path, { schema: record.body.columns, limit: SAMPLE_ROWS });
			const added = input.automatic ? await proposal(store, record.body, input.recipe, path) : input.steps;
			const steps = [...input.recipe.steps, ...added];
			context.progress({ stage: 'Trying the steps on a sample', share: 0.4 });
			const { frame: kept, dropped } = await datasetPass(frame, { steps });
			const { fitted, frame: out } = await fitRecipe(kept, { steps }, { classes: 0, seed: 0 });
			const explained = explain(steps, input.recipe.steps.length, fitted.steps, dropped);
			const target = fitted.output.find((c) => c.role === 'target');
			// A step may make the target, or take rows and with them classes away, and a sample need not show it: Train decides from all rows.
			const { task, ...known } = input.dataset;
			const dataset = {
				...known,
				columnCount: fitted.output.length,
				columns: handleColumns(fitted.output),
				...(target ? { target: target.name } : {}),
				...(task && steps.length === 0 ? { task } : {}),
			};
			const report = await keepReport(
				store,
				'recipe',
				await recipeReport(
					added.map((s, i) => ({ ...s, label: stepById(s.step).label, explanation: explained[i].text })),
					{
						title: input.automatic ? 'Clean' : 'Recipe',
						before: frame.rows,
						after: out.rows,
						preview: { columns: fitted.output, rows: frameRows(out, 0, Math.min(PREVIEW_ROWS, out.rows)) },
					},
				),
			);
			return { dataset, recipe: { id: recipeDigest({ steps }), steps }, added: explained, sampleRows: frame.rows, report };
		}),
});

/** A sentence for each added step. Steps that drop rows before the split, or lack the target, are not among the fitted ones. */
function explain(
	steps: readonly RecipeStep[],
	from: number,
	fitted: readonly FittedStep[],
	dropped: ReadonlyArray<{ step: string; rows: number }>,
) {
	const left = [...fitted];
	const drops = [...dropped];
	const all = steps.map((s) => {
		const step = stepById(s.step);
		const state = left[0]?.step === s.step ? left.shift()!.state : undefined;
		const lost = drops[0]?.step === s.step ? drops.shift()!.rows : 0;
		const text = step.explain?.(step.params.parse(s.params), state) ?? step.label;
		return { step: s.step, text, ...(s.reason ? { reason: s.reason } : {}), ...(lost ? { dropped: lost } : {}) };
	});
	return all.slice(from);
}

/** What the profile suggests for the columns that there are after the steps so far. */
async function proposal(store: Store, { profile, columns }: DatasetRecord, recipe: Recipe, path: StoredFiles): Promise<RecipeStep[]> {
	if (!profile) return [];
	const parsed = profileSchema.parse(JSON.parse((await store.artifacts.get(profile)).toString('utf8')));
	const now = resolveSchema(columns, recipe);
	return proposeCleaning(parsed, now, { labels: await labelsOf(path, columns, now, recipe) });
}

/** How often each label of the target occurs, in all rows; undefined where it is no text, or steps make or change it. */
async function labelsOf(
	path: StoredFiles,
	columns: ColumnSchema[],
	now: readonly ColumnSchema[],
	recipe: Recipe,
): Promise<ReadonlyMap<string, number> | undefined> {
	const target = now.find((c) => c.role === 'target');
	const own = columns.find((c) => c.name === target?.name);
	if (!own || target?.type !== 'category' || own.type !== 'category') return undefined;
	if (recipe.steps.some(({ step, params }) => namesColumn(stepById(step), params, own.name))) return undefined;
	const {
		vectors: [vector],
	} = await loadFrame(path, { schema: columns, columns: [own.name] });
	return isNumberVector(vector) ? undefined : countsOf(vector);
}
