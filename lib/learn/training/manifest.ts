import { seenIn } from '../../data/reading/index.js';
import type { Frame } from '../../data/frame.js';
import type { ModelManifest, SeenColumn } from '../../domain/model.js';
import { pairsIn } from '../../recipe/encode.js';
import { requiredColumns } from '../../recipe/fit.js';
import type { EnsembleParams } from '../ensemble/ensembleLearner.js';
import { learnerById } from '../learners/index.js';
import type { Chosen } from './choose.js';
import { exampleOf } from './example.js';
import type { ModelFit } from './fitModel.js';
import { givenAway } from './givenAway.js';
import type { Plan } from './plan.js';
import type { Source } from './prepare.js';

/** What the package says of the model; notes columns that give the answer away and values that are too many to keep. */
export function manifestOf(plan: Plan, fit: ModelFit, { learner, params }: Chosen, threshold: number): ModelManifest {
	const { spec, source, target, rows } = plan;
	const { frame, note } = source;
	const required = new Set(requiredColumns(fit.recipe, fit.features));
	const signature = fit.recipe.input.filter((c) => required.has(c.name) && c.name !== target.name).map((c) => ({ ...c, required: true }));
	for (const text of givenAway(frame, target, fit.learned, signature)) note('learn.leak', text);
	const pairs = pairsIn(fit.trial.encoder);
	if (pairs.length) note('learn.pairs', pairsText(pairs));
	return {
		format: 'n8n-nodes-mlops/model',
		v: versionOf({ learner, params }, pairs.length ? 5 : 2),
		task: target.task,
		target: target.name,
		classes: target.classes,
		signature,
		seen: seen(frame, fit.learned, signature, note),
		recipe: fit.recipe,
		encoder: fit.trial.encoder,
		learner: { id: learner.id, params: params as Record<string, unknown> },
		threshold,
		trainedAt: spec.trainedAt ?? '',
		codeVersion: spec.codeVersion ?? '',
		example: exampleOf(frame, rows.learnable, required, target.name),
	};
}

/** What two columns tell together is not seen in either, so people are told which are looked at so. */
function pairsText(pairs: ReadonlyArray<[string, string]>): string {
	const named = pairs.map(([a, b]) => `"${a}" with "${b}"`).join(', ');
	return `Values of two columns are looked at together where they tell more than each alone: ${named}. Reasons give half of it to each.`;
}

/** The least version, from `least` on, whose installs know the learner, and those of an ensemble's members. */
function versionOf({ learner, params }: Chosen, least: 2 | 5): ModelManifest['v'] {
	const { members = [] } = params as Partial<EnsembleParams>;
	return [learner, ...members.map((m) => learnerById(m.learner))].reduce<ModelManifest['v']>(
		(v, { manifestVersion }) => (manifestVersion !== undefined && manifestVersion > v ? manifestVersion : v),
		least,
	);
}

/** What the rows that the model learned from held in each column that callers send. */
function seen(frame: Frame, rows: Uint32Array, signature: ModelManifest['signature'], note: Source['note']): SeenColumn[] {
	const columns = seenIn(
		frame,
		rows,
		signature.map((c) => c.name),
	);
	for (const { name, levels } of columns) {
		if (levels?.more)
			note(
				'learn.values_not_kept',
				`Column "${name}" has ${(levels.values.length + levels.more).toLocaleString('en')} different values, too many to keep ` +
					`with the model: Predict cannot say which are unknown.`,
			);
	}
	return columns;
}
