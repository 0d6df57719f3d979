import { z } from 'zod/v4';
import { dictionaryOf } from './dictionary.js';
import { columnSchema, taskType } from './column.js';
import { fittedRecipe } from './recipe.js';

/** The model as it travels on the canvas. */
export const modelHandle = z.object({
	kind: z.literal('mlops.model'),
	v: z.literal(1),
	storeId: z.string(),
	/** Id of the run or the registered version in the store. */
	id: z.string(),
	/** Registered name; absent until Deploy registers it. */
	name: z.string().optional(),
	version: z.number().int().optional(),
	/** SHA-256 of the package: what gates and approvals are bound to. */
	digest: z.string(),
	runId: z.string(),
	size: z.number().int(),
});
export type ModelHandle = z.infer<typeof modelHandle>;

/**
 * What the training rows held in one column of the signature: what is known, and what is far from it, is told by this when rows come later.
 */
export const seenColumn = z.object({
	name: z.string(),
	/** Share of the training rows without a value. */
	missing: z.number(),
	/**
	 * Text: its values in rising order and the rows of each. `more` counts values beyond the most frequent ones that are kept; where there
	 * are any, no value is called unknown. Absent for free text, where nearly every value differs.
	 */
	levels: z.object({ values: z.array(z.string()), rows: z.array(z.number().int()), more: z.number().int() }).optional(),
	/** Numbers and dates (UTC milliseconds): the least and the greatest value. */
	range: z.object({ min: z.number(), max: z.number() }).optional(),
	/**
	 * Numbers, dates and booleans: values that stand evenly spaced in the order of their size, from the least to the greatest; an even sample
	 * of the rows tells those between. What reasons and other answers are looked for by. Absent in packages of before, for columns without a
	 * value, and in imported models.
	 */
	quantiles: z.array(z.number()).min(2).optional(),
});
export type SeenColumn = z.infer<typeof seenColumn>;

/** `manifest.json` inside a model package (see lib/formats): all that prediction needs besides the learner's arrays. */
export const modelManifest = z.object({
	format: z.literal('n8n-nodes-mlops/model'),
	/**
	 * How rows are read for this model: 1 as the first version did, for ever (`castRaw`, values are not checked); 2 cell by cell and checked
	 * by `seen` (lib/data/reading); 3 the same, and the learner is an ensemble; 4 the same, and a tabular network is in it; 5 the same, and
	 * columns hold the values of two columns together; 6 the same, and trees are in their compact form. The package's layout has the same
	 * number, so that an install which does not know it refuses the file with a sentence.
	 */
	v: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4), z.literal(5), z.literal(6)]),
	task: taskType,
	target: z.string(),
	/** Class labels in code order (`binary`: [negative, positive]); empty for regression. */
	classes: z.array(z.union([z.string(), z.number(), z.boolean()])),
	/** Raw columns a caller sends. */
	signature: z.array(columnSchema.extend({ required: z.boolean() })),
	/** One entry a column of the signature; since version 2. */
	seen: z.array(seenColumn).optional(),
	recipe: fittedRecipe,
	/** State of the matrix encoder (see lib/recipe/encode.ts). */
	encoder: z.unknown(),
	learner: z.object({ id: z.string(), params: dictionaryOf(z.unknown()) }),
	/** Probability at and above which a binary prediction is the positive class. */
	threshold: z.number(),
	trainedAt: z.string(),
	codeVersion: z.string(),
	example: dictionaryOf(z.unknown()).optional(),
});
export type ModelManifest = z.infer<typeof modelManifest>;

/** Record kind `modelVersion`: a registered version. Immutable; `archived` and aliases are events beside it. */
export const modelVersionRecord = z.object({
	name: z.string(),
	version: z.number().int(),
	runId: z.string(),
	/** Digest of the package artifact. */
	digest: z.string(),
	description: z.string().optional(),
	tags: dictionaryOf(z.string()).prefault({}),
});
export type ModelVersionRecord = z.infer<typeof modelVersionRecord>;

/** Policy of a registered model name. */
export const modelPolicy = z.object({ approvalRequired: z.boolean(), gateRequired: z.boolean() });
export type ModelPolicy = z.infer<typeof modelPolicy>;
