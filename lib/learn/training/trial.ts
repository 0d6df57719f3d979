import { own } from '../../domain/dictionary.js';
import { MlopsError } from '../../domain/errors.js';
import type { TaskType } from '../../domain/column.js';
import type { MetricValues } from '../../domain/run.js';
import type { EncoderState } from '../../recipe/encode.js';
import type { FitContext, Fitted, Learner } from '../contract.js';
import { taskById } from '../../task/index.js';
import { metricsFor } from '../../task/measure.js';
import { metricById } from '../../task/metrics/index.js';
import type { Encodings, Prepared } from './prepare.js';

/** A learner fitted once, with its scores for the validation rows. */
export interface Trial {
	fitted: Fitted;
	encoder: EncoderState;
	outputs: number;
	/** Row-major scores of the validation rows; empty without any. */
	scores: Float64Array;
	seconds: number;
	/** Parameters for fitting once more without validation rows, where the learner has a way of its own to find them. */
	settled?: unknown;
}

/** Fits a learner on prepared rows and scores their validation rows. @throws `learn.memory` before anything is allocated */
export async function fitLearner(
	learner: Learner,
	params: unknown,
	task: TaskType,
	prepared: Prepared,
	encodings: Encodings,
	context: FitContext,
): Promise<Trial> {
	const started = performance.now();
	const { bytes } = learner.estimate(prepared.train.rows, prepared.features.length, params, context.threads);
	if (bytes > context.memoryBytes) {
		throw new MlopsError(
			'learn.memory',
			`${learner.label} would need about ${gigabytes(bytes)} of memory for ${prepared.train.rows.toLocaleString('en')} rows.`,
			{
				expected: `at most ${gigabytes(context.memoryBytes)}`,
				found: gigabytes(bytes),
				remedy: 'Use fewer rows or columns, smaller parameters, another learner, or give the tasks more memory.',
			},
		);
	}
	const { encoder, train, valid } = await encodings.get(learner.needs(params));
	const fitted = await learner.fit(
		{ task, train, labels: prepared.labels, valid: valid && prepared.valid ? { x: valid, labels: prepared.valid.labels } : undefined },
		params,
		context,
	);
	const predictor = await learner.predictor(
		fitted.state,
		train.columns.map((c) => c.name),
	);
	const scores = new Float64Array((valid?.rows ?? 0) * predictor.outputs);
	if (valid) await predictor.batch(valid, scores, context.threads);
	const { outputs } = predictor;
	predictor.dispose?.();
	return { fitted, encoder, outputs, scores, seconds: (performance.now() - started) / 1000 };
}

const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GB`;

export const scoreOf = (task: TaskType, y: Float64Array, scores: Float64Array, classes: number, threshold?: number): MetricValues =>
	metricsFor(task, y, scores, classes, { threshold, known: taskById(task).labels === 'required' });

/** Signed so that more is better. */
export const goodness = (metric: string, values: MetricValues): number =>
	metric in values ? (metricById(metric)?.better === 'lower' ? -values[metric] : values[metric]) : -Infinity;

/** How a fit ended, as far as another one of the same goes by it. */
export type Ended = Pick<Fitted, 'stopped' | 'bestIteration' | 'temperature' | 'weights'>;

/**
 * Parameters for fitting once more without validation rows: the rounds, the temperature and the kind of weights that were found stay,
 * early stopping goes. `growth`: how many times as many rows it is to learn from, which bear as many more trees; an epoch has more steps by
 * itself.
 * Learners share these names, which are LightGBM's and scikit-learn's.
 */
export function settledParams(learner: Learner, params: unknown, fitted: Ended, growth = 1): unknown {
	const p = { ...(params as Record<string, unknown>) };
	const rounds = fitted.bestIteration;
	if (fitted.stopped !== 'done' && rounds !== undefined && rounds > 0) {
		if ('n_estimators' in p) p.n_estimators = Math.round(rounds * growth);
		if ('epochs' in p) p.epochs = rounds;
	}
	if ('weights' in p && fitted.weights !== undefined) p.weights = fitted.weights;
	if ('temperature' in p && fitted.temperature !== undefined) p.temperature = fitted.temperature;
	if ('early_stopping_rounds' in p) p.early_stopping_rounds = 0;
	if ('early_stopping' in p) p.early_stopping = false;
	return learner.params.parse(p);
}

/** @throws `learn.parameter_invalid` naming the parameter */
export function readParams(learner: Learner, params: Record<string, unknown>): unknown {
	const known = (learner.params as { shape?: Record<string, unknown> }).shape;
	const unknown = known && Object.keys(params).find((name) => !Object.hasOwn(known, name));
	if (known && unknown !== undefined) {
		throw new MlopsError('learn.parameter_invalid', `${learner.label} has no parameter "${unknown}".`, {
			expected: `one of: ${Object.keys(known).join(', ') || 'none'}`,
			found: unknown,
			remedy: 'Correct the name, or take it away.',
		});
	}
	const parsed = learner.params.safeParse(params);
	if (parsed.success) return parsed.data;
	const issue = parsed.error.issues[0];
	throw new MlopsError('learn.parameter_invalid', `"${issue.path.join('.')}" of ${learner.label} is not right: ${issue.message}.`, {
		found: JSON.stringify(own(params, String(issue.path[0]))),
		remedy: 'Correct the parameter, or take it away for its default.',
	});
}
