import { z } from 'zod/v4';

/**
 * What a column holds.
 * `number` and `integer` are 64-bit floats, `boolean` is 0/1, `datetime` is milliseconds since 1970 in UTC;
 * `category` and `text` are strings (`text` has so many levels that it is no use as a feature by itself).
 */
export const columnType = z.enum(['number', 'integer', 'boolean', 'datetime', 'category', 'text']);
export type ColumnType = z.infer<typeof columnType>;

/** What a column is for. Only `feature` columns reach a learner as inputs. */
export const columnRole = z.enum(['feature', 'target', 'time', 'group', 'weight', 'id', 'ignore']);
export type ColumnRole = z.infer<typeof columnRole>;

export const columnSchema = z.object({
	name: z.string(),
	type: columnType,
	role: columnRole.default('feature'),
	/** How raw text becomes this type (for example a date format), so that raw rows at prediction are read the same way. */
	format: z.string().optional(),
});
export type ColumnSchema = z.infer<typeof columnSchema>;

/** Types kept as numbers in a frame; the others are coded strings. */
export const isNumeric = (type: ColumnType): boolean => type !== 'category' && type !== 'text';

/** The kinds of questions by the ids that records keep, and what the column holds that answers them. All else is said in lib/task. */
const ANSWERS = { binary: 'classes', multiclass: 'classes', regression: 'numbers', anomaly: 'nothing' } as const;
export type TaskType = keyof typeof ANSWERS;
export const taskType = z.enum(Object.keys(ANSWERS) as TaskType[]);
// eslint-disable-next-line mlops/no-task-ids -- this is the place that says it
export const answersOf = (task: TaskType): (typeof ANSWERS)[TaskType] => ANSWERS[task];
