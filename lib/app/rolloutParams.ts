import { z } from 'zod/v4';
import type { Guards, RolloutKind, RolloutStep } from '../domain/rollout.js';

const GUARDED = ['errorRate', 'latency', 'answers', 'agreement', 'quality'] as const;
const LABELS = {
	errorRate: 'Errors',
	latency: 'Latency',
	answers: 'Distance of the Answers',
	agreement: 'Agreement (Shadow)',
	quality: 'Quality by the Truth',
};

const alias = z
	.string()
	.min(1)
	.default('champion')
	.meta({ title: 'Alias', description: 'Alias whose callers are divided; the version that it points to is the stable one' });
const minutes = z.number().min(0).default(60).meta({
	title: 'Minutes a Step',
	description: 'How long a step lasts at least; with 0 the number of answers alone counts',
});
const answers = z.number().int().min(0).default(1000).meta({
	title: 'Answers a Step',
	description: 'How many answers the new version must have given in a step; with 0 the time alone counts',
});
const when_done = z
	.enum(['tell', 'promote'])
	.default('tell')
	.meta({
		title: 'When Done',
		description: 'What happens after the last step',
		labels: { tell: 'Tell, and Wait for Promote', promote: 'Promote by Itself, if Gate and Approval Allow It' },
	});
const guarded = (chosen: Array<(typeof GUARDED)[number]>) =>
	z
		.array(z.enum(GUARDED))
		.default(chosen)
		.meta({ title: 'Guards', description: 'What ends it by itself and puts everything back to the stable version', labels: LABELS });

const limits = {
	max_errors: z.number().min(0).max(100).default(1).meta({
		title: 'Most Errors',
		advanced: true,
		description: 'Guard Errors: by how many percentage points more answers may fail than of the stable version',
	}),
	max_latency: z.number().min(1).default(2).meta({
		title: 'Most Latency',
		advanced: true,
		description: "Guard Latency: how many times the stable version's 99th percentile may be exceeded",
	}),
	max_distance: z.number().positive().default(0.5).meta({
		title: 'Most Distance',
		advanced: true,
		description: "Guard Distance of the Answers: how far their mean may lie from the stable version's, in standard deviations",
	}),
	min_agreement: z.number().min(0).max(100).default(90).meta({
		title: 'Least Agreement',
		advanced: true,
		description: "Guard Agreement: the percentage of a shadow's answers that must be the stable version's",
	}),
	max_loss: z.number().min(0).default(0).meta({
		title: 'Most Loss of Quality',
		advanced: true,
		description: 'Guard Quality: how much worse the main metric may be, in its own units, as the truth arrives',
	}),
	min_answers: z.number().int().positive().default(100).meta({
		title: 'Answers Before Judging',
		advanced: true,
		description: 'From how many answers on guards judge',
	}),
	alpha: z.number().gt(0).lt(0.5).default(0.05).meta({
		title: 'False Alarms',
		advanced: true,
		description: 'Chance that guards end a rollout of two equally good versions, however often they look',
	}),
};
const others = {
	key: z.string().default('').meta({
		title: 'Key Column',
		advanced: true,
		ui: 'column',
		description:
			'Column whose value stands for the caller (a customer) where a request names no key: its answers then come from one version',
	}),
	reason: z.string().default('').meta({ title: 'Reason', advanced: true, description: 'Kept in the audit log' }),
	override_reason: z.string().default('').meta({
		title: 'Override Reason',
		advanced: true,
		description: 'Starts in spite of a failed gate or a missing approval; the reason is kept in the audit log for good',
	}),
};

export const canaryParams = z.object({
	alias,
	shares: z
		.array(z.number().gt(0).max(100))
		.min(1)
		.default([5, 25, 50])
		.meta({ title: 'Steps (%)', description: 'Percentage of the callers that get the new version, step by step.' }),
	minutes,
	answers,
	when_done,
	guards: guarded(['errorRate', 'latency', 'answers', 'quality']),
	...limits,
	...others,
});

export const shadowParams = z.object({
	alias,
	share: z
		.number()
		.gt(0)
		.max(100)
		.default(100)
		.meta({ title: 'Share (%)', description: 'Percentage of the requests that it answers as well' }),
	minutes,
	answers,
	when_done,
	guards: guarded(['errorRate', 'latency', 'agreement']),
	...limits,
	reason: others.reason,
});

export const abParams = z.object({
	alias,
	share: z.number().gt(0).max(100).default(50).meta({
		title: 'Share (%)',
		description: 'Percentage of the callers that get a new version; of several each gets an equal part',
	}),
	versions: z
		.array(z.string())
		.default([])
		.meta({ title: 'More Versions', description: 'Other registered versions that take part, by number or alias.' }),
	minutes: minutes.default(0),
	answers: answers.default(20_000).meta({
		title: 'Answers at Most',
		description: 'After so many answers of the new versions the test ends, whether or not one is better',
	}),
	when_done,
	guards: guarded(['errorRate', 'latency']),
	...limits,
	...others,
});

export type RolloutParams = (z.infer<typeof canaryParams> | z.infer<typeof shadowParams> | z.infer<typeof abParams>) &
	Partial<z.infer<z.ZodObject<typeof others>>>;
export const PARAMS: Record<RolloutKind, z.ZodType<RolloutParams>> = { canary: canaryParams, shadow: shadowParams, ab: abParams };

/** The steps that a form means. */
export function stepsOf(params: RolloutParams): RolloutStep[] {
	const lasts = { ...(params.minutes ? { minutes: params.minutes } : {}), ...(params.answers ? { answers: params.answers } : {}) };
	const shares = 'shares' in params ? params.shares : [params.share];
	return shares.map((share) => ({ share: share / 100, ...lasts }));
}

const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;

/**
 * What is odd of the steps of a canary; they are kept as they are, since a person may want them so. That the last one is below 100 % is
 * usual: the share stays until somebody, or `when_done`, promotes it.
 */
export function oddSteps(steps: readonly RolloutStep[], stable: number): string | undefined {
	const shares = steps.map(({ share }) => share);
	const falls = shares.findIndex((share, i) => share < shares[i - 1]);
	const repeated = shares.find((share, i) => share === shares[i - 1]);
	if (falls > 0) {
		const again = shares.slice(falls).some((share) => share > shares[falls]) ? ', and then the new one once more' : '';
		return (
			`Its steps fall from ${percent(shares[falls - 1])} to ${percent(shares[falls])}: some callers who got the new version get version ` +
			`${stable} again${again}.`
		);
	}
	if (repeated === undefined) return undefined;
	return `Its steps repeat ${percent(repeated)}: nothing changes for callers between them; each lasts as long as a step does.`;
}

/** The guards that a form means; none where none is chosen. */
export function guardsOf(params: RolloutParams): Guards | undefined {
	const values = {
		errorRate: params.max_errors / 100,
		latency: params.max_latency,
		answers: params.max_distance,
		agreement: params.min_agreement / 100,
		quality: params.max_loss,
	};
	if (params.guards.length === 0) return undefined;
	return { minAnswers: params.min_answers, alpha: params.alpha, ...Object.fromEntries(params.guards.map((name) => [name, values[name]])) };
}

const ofRollout = alias.meta({ title: 'Alias', description: 'Alias whose callers the rollout divides' });

export const promoteParams = z.object({
	alias: ofRollout,
	version: z.string().default('').meta({
		title: 'Version',
		description: 'Number of the version to promote; empty: the one that the rollout is about, or that an A/B test has found to be better',
	}),
	reason: others.reason,
	override_reason: z.string().default('').meta({
		title: 'Override Reason',
		advanced: true,
		description: 'Promotes in spite of a failed gate or a missing approval; the reason is kept in the audit log for good',
	}),
});
export const abortParams = z.object({ alias: ofRollout, reason: others.reason });
export const statusParams = z.object({ alias: ofRollout });
