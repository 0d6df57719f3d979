import { z } from 'zod/v4';

/** How a new version is let in: some traffic, unseen answers, or a comparison. */
export const ROLLOUT_KINDS = ['canary', 'shadow', 'ab'] as const;
export type RolloutKind = (typeof ROLLOUT_KINDS)[number];

/**
 * What every process must agree on to divide traffic. `arm` of a caller is a pure function of this and of the caller's key
 * (lib/serve/rollout/arm.ts).
 */
export const division = z.object({
	/** Name of the rollout, unique in the store. */
	id: z.string(),
	kind: z.enum(ROLLOUT_KINDS),
	/** The alias whose callers are divided; whoever asks for a version by its number is not. */
	alias: z.string(),
	/** The version that the alias points to. */
	stable: z.number().int(),
	/**
	 * Other versions and their share of the callers, 0 to 1, together at most 1; the rest gets the stable one. Of a shadow the share says how
	 * many requests it answers as well.
	 */
	candidates: z.array(z.object({ version: z.number().int(), share: z.number().min(0).max(1) })).min(1),
	/** Column of the row whose value stands for the caller where none was named (a customer); absent: each request is divided by itself. */
	key: z.string().optional(),
});
export type Division = z.infer<typeof division>;

/** A step of a canary: the share it gives, and how long or for how many answers of the candidate it lasts. */
export const rolloutStep = z.object({
	share: z.number().min(0).max(1),
	minutes: z.number().positive().optional(),
	answers: z.number().int().positive().optional(),
});

/**
 * What ends a rollout by itself. Each compares a candidate with the stable version; a guard judges only from `minAnswers` answers of the
 * candidate on.
 */
export const guards = z.object({
	minAnswers: z.number().int().positive(),
	/** How many more of its requests may fail than of the stable version's, as a share of all. */
	errorRate: z.number().min(0).max(1).optional(),
	/** How many times as long as the stable version's its p99 may take. */
	latency: z.number().min(1).optional(),
	/** How far its answers may lie from the stable version's: mean difference of scores, of numbers in their standard deviations. */
	answers: z.number().positive().optional(),
	/** Of a shadow: the share of its answers that must be the stable version's. */
	agreement: z.number().min(0).max(1).optional(),
	/** How much worse the main metric may be, in its own units. */
	quality: z.number().min(0).optional(),
	/** Chance that any of these ends a rollout of two equally good versions, however often it is looked at. */
	alpha: z.number().gt(0).lt(0.5),
});
export type Guards = z.infer<typeof guards>;

export const ROLLOUT_STATES = ['running', 'promoted', 'aborted'] as const;

/**
 * Record kind `rollout`, under its id as the record's name: each step and the end is one more version, and the newest counts. At most one
 * runs for an alias of a model.
 */
export const rolloutRecord = division.extend({
	model: z.string(),
	state: z.enum(ROLLOUT_STATES),
	steps: z.array(rolloutStep),
	/** Which step it is in, from 0, and since when. */
	step: z.number().int(),
	stepSince: z.string(),
	/** Answers that the candidates had given when the step began. */
	stepFrom: z.number().int().min(0).optional(),
	guards: guards.optional(),
	/** What happens after the last step, or once a test has its answer: the candidate gets the alias, or people are told and decide. */
	whenDone: z.enum(['promote', 'tell']).optional(),
	/** Since when people know that it may be promoted, which version, and why. */
	ready: z.object({ at: z.string(), version: z.number().int(), reason: z.string() }).optional(),
	startedAt: z.string(),
	startedBy: z.string(),
	/** How it ended: by whom, why, and the version that the alias then pointed to. */
	ended: z.object({ at: z.string(), by: z.string(), reason: z.string(), version: z.number().int() }).optional(),
});
export type RolloutStep = z.infer<typeof rolloutStep>;
export type RolloutRecord = z.infer<typeof rolloutRecord>;
