import { z } from 'zod/v4';

/** How answers are judged before anybody knows what is true. */
export const estimateParams = z.object({
	metric: z.string().default('').meta({
		title: 'Metric',
		description: 'Metric that decides, such as auc, f1 or mae. Empty: the one that the model was chosen by. All others are shown.',
		placeholder: 'auc',
	}),
	smallestChange: z.number().min(0).max(1).default(0.02).meta({
		title: 'Smallest Change',
		description: 'Share of the value on the test rows by which the estimate may be worse before it counts, however certain it is.',
		advanced: true,
	}),
	leastRows: z
		.number()
		.int()
		.min(10)
		.default(50)
		.meta({ title: 'Least Answers', description: 'Answers that a window needs to be judged.', advanced: true }),
});
export type EstimateParams = z.infer<typeof estimateParams>;
