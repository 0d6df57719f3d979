import { z } from 'zod/v4';

/** How rows are divided. `auto`: by time if a column has that role, else by group, else random (stratified for classes). */
export const splitParams = z.object({
	method: z
		.enum(['auto', 'time', 'group', 'random'])
		.default('auto')
		.meta({
			title: 'Method',
			description:
				'How rows are divided. Automatic goes forward in time when a column has the role time, else by group when one has that ' +
				'role, else at random.',
			labels: { auto: 'Automatic', time: 'Forward in Time', group: 'Whole Groups', random: 'At Random' },
		}),
	testShare: z.number().min(0).max(0.9).default(0.2).meta({ title: 'Test Share', description: 'Share of rows kept apart for Evaluate' }),
	validationShare: z
		.number()
		.min(0)
		.max(0.5)
		.default(0.1)
		.meta({ title: 'Validation Share', description: 'Share of the training rows used for early stopping and choosing the threshold' }),
	testFrom: z
		.string()
		.optional()
		.meta({ title: 'Test From', description: 'First moment of the test period (ISO date); rows before it train' }),
	testUntil: z
		.string()
		.optional()
		.meta({ title: 'Test Until', description: 'End of the test period (ISO date, itself not included); later rows are left out' }),
	seed: z
		.number()
		.int()
		.default(0)
		.meta({ title: 'Seed', description: 'Another seed gives another division where rows are divided at random or by group' }),
});
export type SplitParams = z.infer<typeof splitParams>;

/** Rows that are neither learned from nor tested on, and why (`no value in the target "churn"`). */
export const leftOut = z.object({ rows: z.number().int(), reason: z.string() });
export type LeftOut = z.infer<typeof leftOut>;

/** `1,849 rows were left out: no value in "since", by which rows are divided in time.` */
export const leftOutText = ({ rows, reason }: LeftOut): string =>
	`${rows.toLocaleString('en')} row${rows === 1 ? ' was' : 's were'} left out: ${reason}.`;

/** Part of a row: 0 train, 1 validation, 2 test, 3 left out. */
export const PART = { train: 0, validation: 1, test: 2, none: 3 } as const;

/**
 * By which rule rows are divided; it is stored with the split, whose rows are stored too, so that older splits stay as they were. 1 (also
 * where a run names none): a random split gives each class one row of each part. 2: rare classes get their share of the test, and copies
 * stay on one side.
 */
export const SPLIT_RULE = 2;

/** Rows that are the same but for ids, where chance would not make so many. */
export const splitCopies = z.object({
	rows: z.number().int(),
	/** Different ones among these. */
	distinct: z.number().int(),
	/** Pairs of equal rows that chance would make, about. */
	expected: z.number(),
	/** Test rows with a copy among the rows that were learned from: none where they could be kept on one side. */
	across: z.number().int(),
});
export type SplitCopies = z.infer<typeof splitCopies>;
