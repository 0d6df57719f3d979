import type { INodeProperties } from 'n8n-workflow';
import { stepChoice, stepChoices } from '../../lib/app/catalogue.js';
import { recipeSteps } from '../../lib/app/recipeSteps.js';
import type { RecipeStep } from '../../lib/domain/recipe.js';
import { formFields, readForm } from './form.js';

/** A list of steps, each with the fields of its own schema, that a person can sort by dragging. */
export function stepsField(group: 'clean' | 'feature', show?: Record<string, string[]>): INodeProperties {
	const steps = stepChoices(group);
	return {
		displayName: 'Steps',
		name: 'steps',
		type: 'fixedCollection',
		placeholder: 'Add step',
		default: {},
		typeOptions: { multipleValues: true, sortable: true },
		description:
			'Done in this order. Nothing is computed here but a preview on a sample: the steps travel with the data and are fitted on ' +
			'training rows only.',
		...(show ? { displayOptions: { show } } : {}),
		options: [
			{
				displayName: 'Step',
				name: 'step',
				values: [
					{
						displayName: 'Step',
						name: 'step',
						type: 'options',
						noDataExpression: true,
						default: steps[0].id,
						options: steps.map((s) => ({ name: s.label, value: s.id, description: s.description })),
					},
					...steps.flatMap((s) => formFields(s.params, { step: [s.id] }, [], 'list')),
				],
			},
		],
	};
}

/** The steps a person entered, validated by each step's schema. @throws `input.invalid` naming step and field */
export function readSteps(value: unknown): RecipeStep[] {
	const entries = (value as { step?: Array<Record<string, unknown>> } | undefined)?.step ?? [];
	return recipeSteps(
		entries.map((entry) => {
			const step = String(entry.step);
			return { step, params: readForm(stepChoice(step).params, entry) };
		}),
	);
}
