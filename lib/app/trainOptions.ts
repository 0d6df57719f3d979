import { z } from 'zod/v4';
import { METRICS } from '../task/metrics/index.js';

/** In place of a learner: tries them within a time budget and keeps the best. */
export const AUTOMATIC = 'automatic';

/** Everything beside data, target and learner; a newcomer never opens it. */
export const trainOptions = z.object({
	crossValidation: z
		.number()
		.int()
		.min(0)
		.max(20)
		.default(0)
		.meta({ title: 'Cross-Validation Folds', advanced: true, description: 'Also fit and score this many folds; 0 for none' }),
	classWeight: z
		.enum(['none', 'balanced'])
		.default('none')
		.meta({
			title: 'Class Weight',
			advanced: true,
			description: 'How much rows of rare classes count',
			labels: { none: 'All Rows Alike', balanced: 'Balanced' },
		}),
	mostRows: z.number().int().min(0).default(0).meta({
		title: 'Rows at Most',
		advanced: true,
		description:
			'Learn from a sample of so many rows; 0: from all, or, where those need more memory than a job may use, from as many as fit',
	}),
	seed: z
		.number()
		.int()
		.default(0)
		.meta({ title: 'Seed', advanced: true, description: 'The same seed and data give the same model, bit for bit' }),
	timeBudgetSeconds: z
		.number()
		.min(5)
		.default(60)
		.meta({ title: 'Time Budget (Seconds)', advanced: true, description: 'How long Automatic may take, all in all' }),
	oneModelOnly: z.boolean().default(false).meta({
		title: 'One Fast Model Only',
		advanced: true,
		description:
			'Whether Automatic is to give the first of its leaderboard, instead of the weighted mean of several with calibrated probabilities',
	}),
	mostMembers: z.number().int().min(1).max(20).default(5).meta({
		title: 'Members of an Ensemble',
		advanced: true,
		description: 'How many models Automatic may take the mean of',
	}),
	rowMicroseconds: z.number().min(1).default(200).meta({
		title: 'Microseconds a Row',
		advanced: true,
		description: 'How long the models of an ensemble may take together for one row, about',
	}),
	refit: z.boolean().default(true).meta({
		title: 'Refit on All Training Rows',
		advanced: true,
		description: 'Whether to fit once more with the validation rows after they served to choose',
	}),
	metric: z
		.enum(['', ...METRICS.map(({ id }) => id)])
		.default('')
		.meta({
			title: 'Metric',
			advanced: true,
			description: 'Metric that ranks; it must fit what is predicted: classes or numbers',
			labels: Object.fromEntries([['', 'Usual One for the Task'], ...METRICS.map(({ id, label }) => [id, `${label} (${id})`])]),
		}),
	falsePositiveCost: z.number().min(0).default(0).meta({
		title: 'Cost of a False Alarm',
		advanced: true,
		description: 'With the cost of a miss, chooses the threshold; 0 for both: by F1',
	}),
	falseNegativeCost: z
		.number()
		.min(0)
		.default(0)
		.meta({ title: 'Cost of a Miss', advanced: true, description: 'With the cost of a false alarm, chooses the threshold' }),
	positiveClass: z.string().default('').meta({
		title: 'Positive Class',
		advanced: true,
		description: 'The class whose probability is predicted; empty: yes, true, 1, or the rarer one',
	}),
	runAgain: z.boolean().default(false).meta({
		title: 'Run Again',
		advanced: true,
		description: 'Whether to train anew even when the same data and parameters were trained before',
	}),
});
