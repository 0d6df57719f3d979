import { z } from 'zod/v4';
import { sidePeriod } from '../domain/evaluation.js';

/** Everything beside model, rows and rules. */
export const evaluateOptions = z.object({
	championAlias: z
		.string()
		.default('champion')
		.meta({ title: 'Champion Alias', advanced: true, description: 'Alias of the model in use to compare with, on the same rows' }),
	falsePositiveCost: z
		.number()
		.min(0)
		.default(0)
		.meta({ title: 'Cost of a False Alarm', advanced: true, description: 'Shows what mistakes cost; 0 for both costs: not shown' }),
	falseNegativeCost: z
		.number()
		.min(0)
		.default(0)
		.meta({ title: 'Cost of a Miss', advanced: true, description: 'Shows what mistakes cost' }),
	sideBySidePeriod: sidePeriod.default('month').meta({
		title: 'Side by Side Period',
		advanced: true,
		description: 'How times are put together when results stand side by side',
		labels: { month: 'Months', quarter: 'Quarters', year: 'Years' },
	}),
	importance: z.boolean().default(true).meta({
		title: 'Permutation Importance',
		advanced: true,
		description: 'Whether to measure how much worse the model gets without each column',
	}),
	runAgain: z
		.boolean()
		.default(false)
		.meta({ title: 'Run Again', advanced: true, description: 'Whether to evaluate anew even when the same question was answered before' }),
});
