import { z } from 'zod/v4';

/** How rows are divided. `auto`: by time if a column has that role, else by group, else random (stratified for classes). */
export const splitParams = z.object({
	method: z.enum(['auto', 'time', 'group', 'random']).default('auto'),
	testShare: z.number().min(0).max(0.9).default(0.2).describe('Share of rows kept for Evaluate'),
	validationShare: z.number().min(0).max(0.5).default(0.1).describe('Share of the training rows used for early stopping and choosing the threshold'),
	testFrom: z.string().optional().describe('First moment of the test period (ISO date); rows before it train'),
	testUntil: z.string().optional().describe('End of the test period (ISO date, exclusive); later rows are left out'),
	seed: z.number().int().default(0),
});
export type SplitParams = z.infer<typeof splitParams>;

/** Part of a row: 0 train, 1 validation, 2 test, 3 left out. */
export const PART = { train: 0, validation: 1, test: 2, none: 3 } as const;
