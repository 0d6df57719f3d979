import type { RecipeStep } from '../../../domain/recipe.js';
import { number } from '../../data/inWords.js';
import { Name } from '../Name.js';
import { Term } from '../Term.js';

/** A value of any kind in a few words. */
export function valueText(value: unknown): string {
	if (value === undefined) return 'not set';
	if (typeof value === 'string') return value;
	if (typeof value === 'number') return number(value, 6);
	if (Array.isArray(value) && value.every((one) => typeof one !== 'object')) return value.length ? value.map(valueText).join(', ') : 'none';
	return JSON.stringify(value);
}

/** A step of a recipe with its parameters, and why it was proposed where it was. */
export const Step = ({ step: { step, params, reason } }: { step: RecipeStep }) => (
	<span class="step">
		<strong>
			<Term kind="steps" id={step} />
		</strong>
		{Object.entries(params).map(([name, value]) => (
			<span key={name} class="step-param">
				{name}: <Name>{valueText(value)}</Name>
			</span>
		))}
		{reason && <span class="soft">{reason}</span>}
	</span>
);
