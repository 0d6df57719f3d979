import { z } from 'zod/v4';
import { dictionaryOf } from './dictionary.js';
import { datasetHandle } from './dataset.js';
import { itemProfile } from './itemProfile.js';
import { columnReading, deadColumn } from './drift.js';
import { gateResult } from './evaluation.js';
import { modelHandle } from './model.js';
import { recipeStep } from './recipe.js';
import { MONITOR_STATES, watchId } from './monitor.js';
import { ROLLOUT_KINDS, ROLLOUT_STATES } from './rollout.js';
import { metricValues } from './run.js';
import { leftOut } from './split.js';
import { approvalStatus } from './approval.js';
import { itemEvent, itemServer } from './serverEvent.js';
import { itemWatched } from './watched.js';

/**
 * What one item carries down the chain; each node adds its own key and passes the rest on. Small by design: an item stays under 32 KB.
 * The output schemas that the editor offers for mapping are generated from these.
 */
export const itemRecipe = z.object({
	id: z.string(),
	steps: z.array(recipeStep),
	/** Digest of the whole recipe in the store, where it is too long for an item: then `steps` lack their parameters. */
	stored: z.string().optional(),
});
export type ItemRecipe = z.infer<typeof itemRecipe>;

/** A page of rows that Ingest keeps until a dataset is made of all of them. */
export const itemPages = z.object({
	storeId: z.string(),
	/** Name of the dataset that they are to become. */
	name: z.string(),
	/** What the pages belong to: the id of the execution, unless the node says another. */
	id: z.string(),
	/** Number of this page, from 1, and its rows. */
	page: z.number().int(),
	rows: z.number().int(),
	/** Rows of all pages up to now. */
	rowsSoFar: z.number().int(),
});
export type ItemPages = z.infer<typeof itemPages>;

/** Address of what a part of an item tells of in the console, where a model server of the store ran when the item was made. */
const page = z.string().optional();

export const itemRun = z.object({
	id: z.string(),
	learner: z.string(),
	params: dictionaryOf(z.unknown()),
	metrics: metricValues,
	primary: z.string(),
	seconds: z.number(),
	backend: z.string(),
	reused: z.boolean(),
	rows: z.object({
		train: z.number(),
		validation: z.number(),
		test: z.number(),
		/** Neither learned from nor tested on; `leftOut` says why. */ leftOut: z.number().optional(),
	}),
	leftOut: z.array(leftOut).optional(),
	notes: z.array(z.object({ code: z.string(), text: z.string() })),
	page,
});
export type ItemRun = z.infer<typeof itemRun>;

export const itemEvaluation = z.object({
	id: z.string(),
	rows: z.number(),
	primary: z.string(),
	metrics: metricValues,
	baseline: metricValues,
	gate: gateResult,
	threshold: z.number().optional(),
	champion: z.object({ against: z.string(), difference: z.number(), pValue: z.number() }).optional(),
	/** The main metric in parts of the rows, the first fifty; without a figure where there are too few to judge. */
	sideBySide: z
		.array(
			z.object({
				value: z.string(),
				rows: z.number(),
				metric: z.number().optional(),
				low: z.number().optional(),
				high: z.number().optional(),
			}),
		)
		.optional(),
	reused: z.boolean(),
});
export type ItemEvaluation = z.infer<typeof itemEvaluation>;

export const itemDeployment = z.object({
	model: z.string(),
	version: z.number(),
	alias: z.string().optional(),
	previousVersion: z.number().nullable(),
	moved: z.boolean(),
	preview: z.boolean(),
	overridden: z.boolean(),
	text: z.string(),
	/** What a person should know about the model that is now in use. */
	warning: z.string().optional(),
	/** What callers must send, or get, that is not as it was with the version before, each in a sentence. */
	changes: z.array(z.string()).optional(),
	page,
});
export type ItemDeployment = z.infer<typeof itemDeployment>;

/** A rollout as Deploy tells it. `step` counts from 1. */
export const itemRollout = z.object({
	id: z.string(),
	kind: z.enum(ROLLOUT_KINDS),
	model: z.string(),
	alias: z.string(),
	stable: z.number(),
	candidates: z.array(z.object({ version: z.number(), share: z.number() })),
	state: z.enum(ROLLOUT_STATES),
	step: z.number(),
	steps: z.number(),
	preview: z.boolean(),
	text: z.string(),
	/** When, by whom (`system`: by itself) and why it ended. */
	endedAt: z.string().optional(),
	endedBy: z.string().optional(),
	reason: z.string().optional(),
	warning: z.string().optional(),
	/** What is another thing for callers who get a candidate, each in a sentence. */
	changes: z.array(z.string()).optional(),
	/** What the guards say now, and what the truth says of each candidate, in words. */
	findings: z.array(z.object({ guard: z.string(), version: z.number(), broken: z.boolean(), text: z.string() })).optional(),
	results: z
		.array(
			z.object({
				version: z.number(),
				metric: z.string(),
				answers: z.number(),
				difference: z.number(),
				low: z.number(),
				high: z.number(),
				text: z.string(),
			}),
		)
		.optional(),
	/** What happens next, and what is waited for. */
	next: z.enum(['continue', 'step', 'abort', 'ready']).optional(),
	waits: z.string().optional(),
	page,
});
export type ItemRollout = z.infer<typeof itemRollout>;

/**
 * A model written as ONNX, as items have carried it since before there were other formats (`exported` says it for all): digests of the file
 * and of the JSON that describes its inputs and outputs; `path` where the file is too large for an item.
 */
export const itemOnnx = z.object({
	model: z.string(),
	inputs: z.number(),
	outputs: z.number(),
	bytes: z.number(),
	file: z.string(),
	description: z.string(),
	path: z.string().optional(),
});

/**
 * A model written for other programs: the format, the digest and size of its (main) file, what is in it, and what the receiver must know;
 * `path` where it is too large for an item.
 */
export const itemExported = z.object({
	format: z.string(),
	label: z.string(),
	model: z.string(),
	bytes: z.number(),
	file: z.string(),
	files: z.array(z.object({ name: z.string(), bytes: z.number() })),
	facts: dictionaryOf(z.union([z.number(), z.string()])).optional(),
	path: z.string().optional(),
});
export type ItemExported = z.infer<typeof itemExported>;

/** A model that another program has trained, from its file. */
export const itemImported = z.object({
	program: z.string(),
	objective: z.string(),
	fileName: z.string(),
	trees: z.number(),
	task: z.string(),
	target: z.string(),
	notes: z.array(z.object({ code: z.string(), text: z.string() })),
});

export const itemDrift = z.object({
	id: z.string(),
	drifted: z.boolean(),
	driftedColumns: z.array(z.string()),
	share: z.number(),
	mode: z.string(),
	summary: z.string(),
	scores: dictionaryOf(z.object({ score: z.number(), threshold: z.number(), test: z.string(), drifted: z.boolean() })),
	rows: z.object({ reference: z.number(), current: z.number() }),
	/**
	 * Columns from which nothing comes any more, columns that were not compared and why, and cells (in rows) that could not be read, are
	 * unknown or far outside.
	 */
	dead: z.array(deadColumn).optional(),
	notCompared: z.array(z.object({ column: z.string(), why: z.string() })).optional(),
	reading: z.array(columnReading.omit({ examples: true })).optional(),
	/** What the other mode decides, when asked for. */
	beside: z.object({ mode: z.string(), drifted: z.boolean(), driftedColumns: z.array(z.string()) }).optional(),
	page,
});
export type ItemDrift = z.infer<typeof itemDrift>;

export const itemApproval = z.object({
	id: z.string(),
	status: approvalStatus,
	by: z.string().optional(),
	comment: z.string().optional(),
	at: z.string().optional(),
	/** While it is pending, in a test run whose links go to n8n's log alone. */
	links: z.array(z.object({ approver: z.string(), url: z.string() })).optional(),
	page,
});
export type ItemApproval = z.infer<typeof itemApproval>;

export const itemPredictions = z.object({
	model: z.string(),
	version: z.number().optional(),
	rows: z.number(),
	/** Rows for which the model gave no number. */
	failed: z.number(),
	/** Digest of the CSV in the store, and its size; `path` only where it is too large to go along as a binary. */
	file: z.string().optional(),
	bytes: z.number().optional(),
	path: z.string().optional(),
	seconds: z.number(),
	/**
	 * What a person should know about the file: cells that could not be read, values that the model does not know, and the like, with their
	 * rows.
	 */
	notes: z.array(z.object({ code: z.string(), text: z.string() })).optional(),
});

export type ItemPredictions = z.infer<typeof itemPredictions>;

/** What MLOps Feedback did with what it was told. */
export const itemFeedback = z.object({
	/** Id of this telling, in the log and in the audit log. */
	batch: z.string(),
	rows: z.number(),
	/** New; told before just like that; another truth than before, or taken back. */
	taken: z.number(),
	same: z.number(),
	corrected: z.number(),
	/** Kept, though there is no such answer (yet). */
	unknown: z.number(),
	/** Left out, since no truth stands there. */
	empty: z.number(),
	refused: z.number(),
	/** The first of those that were refused, counted from 1, and why. */
	refusals: z
		.array(
			z.object({
				row: z.number(),
				code: z.string(),
				message: z.string(),
				column: z.string().optional(),
				expected: z.string().optional(),
				found: z.string().optional(),
				remedy: z.string().optional(),
			}),
		)
		.optional(),
	/** Classes that the model does not know. */
	unknownClasses: z.array(z.object({ value: z.string(), rows: z.number() })).optional(),
	notes: z.array(z.object({ code: z.string(), text: z.string() })).optional(),
});
export type ItemFeedback = z.infer<typeof itemFeedback>;

/** The answer to one row, as Predict writes it among the fields of an item since its second version. */
export const itemAnswer = z.object({
	/** The class, or the value. */
	prediction: z.union([z.string(), z.number(), z.boolean()]),
	/** Of the predicted class; of each class. Absent for numbers. */
	probability: z.number().optional(),
	probabilities: dictionaryOf(z.number()).optional(),
	/** Probability of the positive class from which on it is the answer. */
	threshold: z.number().optional(),
	/** In words: the columns that moved the answer most, or that the model cannot tell; what to know before relying on it. */
	reasons: z.array(z.string()).optional(),
	warnings: z.array(z.string()).optional(),
	/** The reasons for programs. */
	contributions: z.array(z.object({ feature: z.string(), value: z.unknown(), contribution: z.number() })).optional(),
	/** `name@version`. */
	answeredBy: z.string(),
	/** Id of this answer in the prediction log: what turns out to be true is told by it. Absent where it is not logged. */
	answerId: z.string().optional(),
});
export type ItemAnswer = z.infer<typeof itemAnswer>;

/** What is watched of a model from now on, and what was before. */
export const itemWatching = z.object({
	model: z.string(),
	alias: z.string(),
	monitors: z.array(
		z.object({
			id: z.string(),
			watch: watchId,
			label: z.string(),
			state: z.enum(MONITOR_STATES),
			/** How its answers are divided: `24 h`, `1000 rows`. */
			window: z.string(),
			/** Made now. */
			isNew: z.boolean(),
		}),
	),
	text: z.string(),
	preview: z.boolean(),
});
export type ItemWatching = z.infer<typeof itemWatching>;

/** Digests of a node's report in the store. */
export const itemReport = z.object({ html: z.string(), full: z.string().optional() });

/** All keys; each node's output is a part of it. */
export const itemJson = z
	.object({
		dataset: datasetHandle,
		recipe: itemRecipe,
		profile: itemProfile,
		pages: itemPages,
		run: itemRun,
		model: modelHandle,
		evaluation: itemEvaluation,
		deployment: itemDeployment,
		rollout: itemRollout,
		onnx: itemOnnx,
		imported: itemImported,
		exported: itemExported,
		predictions: itemPredictions,
		feedback: itemFeedback,
		drift: itemDrift,
		watched: itemWatched,
		watching: itemWatching,
		approval: itemApproval,
		report: itemReport,
		/** What started the workflow, and the server that it runs. */
		event: itemEvent,
		server: itemServer,
		/** Why the node could not do its work yet, in a test run of a workflow that is still being built. */
		notYet: z.string(),
	})
	.partial();
export type ItemJson = z.infer<typeof itemJson>;

/** All fields that our nodes may give an item. */
export const itemFields = itemJson.extend(itemAnswer.partial().shape);
export type ItemFields = z.infer<typeof itemFields>;
