import type { Frame } from '../../data/frame.js';
import { MlopsError } from '../../domain/errors.js';
import { labelPass } from '../../recipe/fit.js';
import { stepById } from '../../recipe/steps/index.js';
import { taskById } from '../../task/index.js';
import { targetColumn } from '../../task/readTarget.js';
import type { Source } from './prepare.js';
import type { TrainSpec } from './types.js';

/** A task that learns without answers has to be named; what is guessed from a target has one. */
export const asksLabels = ({ task }: TrainSpec): boolean => !task || taskById(task).labels === 'required';

/** @throws `learn.target_missing` where a step of the recipe learns from answers and there are none */
export function checkSteps(spec: TrainSpec): void {
	const step = asksLabels(spec) ? undefined : spec.recipe.steps.map((s) => stepById(s.step)).find((s) => s.needsTarget);
	if (step)
		throw new MlopsError('learn.target_missing', `The step "${step.label}" learns from the target, and this task has none.`, {
			remedy: 'Take the step out of the recipe, or choose a task with a target.',
		});
}

/** Gives the target its role, so that no step takes it for a feature, and finds it among the columns that the recipe makes. */
export async function withTargetRole(
	frame: Frame,
	spec: TrainSpec,
	note: Source['note'],
): Promise<{ rolled: Frame; labelled: Frame; name: string }> {
	if (!asksLabels(spec) && !spec.target && !frame.schema.some((c) => c.role === 'target'))
		return { rolled: frame, labelled: frame, name: '' };
	const probe = await labelPass(frame, spec.recipe, spec.target || undefined);
	const { name } = targetColumn(probe.schema, spec.target);
	if (!asksLabels(spec))
		note(
			'learn.truth',
			`Column "${name}" was not learned from: if it says yes or no, Evaluate compares the answers with it. To learn from it, ` +
				`give it the role feature.`,
		);
	const former = frame.schema.find((c) => c.role === 'target' && c.name !== name);
	const own = frame.schema.some((c) => c.name === name);
	if (former && own)
		note('learn.former_target', `Column "${former.name}" was marked as the target; since "${name}" is predicted now, it is not used.`);
	const schema = frame.schema.map((c) =>
		c.name === name ? { ...c, role: 'target' as const } : c.role === 'target' && own ? { ...c, role: 'ignore' as const } : c,
	);
	const rolled = { ...frame, schema };
	return { rolled, labelled: { ...probe, schema: probe.schema.map((c) => (c.name === name ? { ...c, role: 'target' } : c)) }, name };
}
