import { z } from 'zod/v4';

/** How answers are judged by what turned out to be true. */
export const qualityParams = z.object({
	metric: z.string().default('').meta({
		title: 'Metric',
		description: 'Metric that decides, such as auc, f1 or mae. Empty: the one that the model was chosen by. All others are shown.',
		placeholder: 'auc',
	}),
	against: z
		.enum(['test', 'before', 'limit'])
		.default('test')
		.meta({
			title: 'As Good As',
			description: 'What the answers must not be worse than',
			labels: { test: 'On the Test Rows', before: 'The Version Before It', limit: 'A Limit of Your Own' },
		}),
	limit: z
		.number()
		.default(0)
		.meta({ title: 'Limit', description: 'Worst value of the metric that is still good enough', when: { against: ['limit'] } }),
	smallestChange: z
		.number()
		.min(0)
		.max(1)
		.default(0.02)
		.meta({
			title: 'Smallest Change',
			description: 'Share of that value by which answers may be worse before it counts, however certain it is.',
			advanced: true,
			when: { against: ['test', 'before'] },
		}),
	leastKnown: z
		.number()
		.min(0)
		.max(1)
		.default(0.5)
		.meta({ title: 'Least Share Known', description: 'Share of the answers whose truth must be known to judge a window.', advanced: true }),
	leastRows: z
		.number()
		.int()
		.min(10)
		.default(50)
		.meta({ title: 'Least Answers Known', description: 'Answers whose truth must be known to judge a window.', advanced: true }),
	maxWaitDays: z.number().min(0).default(14).meta({
		title: 'Longest Wait (Days)',
		description:
			'How long after its end a window waits for truth. Then it is judged by what is known, if that is the least number of answers.',
		advanced: true,
	}),
});
export type QualityParams = z.infer<typeof qualityParams>;
