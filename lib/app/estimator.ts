import { z } from 'zod/v4';
import type { JobContext } from '../compute/contract.js';
import type { Frame } from '../data/frame.js';
import { takeRows } from '../data/takeRows.js';
import { dictionary, dictionaryOf, own, type Dictionary } from '../domain/dictionary.js';
import { MlopsError } from '../domain/errors.js';
import { canonicalJson, digestOf } from '../domain/json.js';
import type { ModelManifest } from '../domain/model.js';
import { readPackage, writePackage } from '../formats/modelPackage.js';
import type { Matrix, State } from '../learn/contract.js';
import { fitCalibrators } from '../monitor/estimate/calibration.js';
import { hasDirectLoss, rowErrors } from '../monitor/estimate/directLoss.js';
import { fitInner, innerModel, namesOf, withAnswer } from '../monitor/estimate/innerModel.js';
import { risingLine } from '../monitor/estimate/isotonic.js';
import { directReference, expectedReference, referenceGroup, type ReferenceGroup } from '../monitor/estimate/reference.js';
import { quantile } from '../evaluate/resampling.js';
import { segmenterOf, segmentsOf } from '../monitor/quality/segmenter.js';
import { encode, readEncoder } from '../recipe/encode.js';
import { transformRecipe } from '../recipe/fit.js';
import type { Store } from '../store/contract.js';
import type { Output } from '../task/contract.js';
import { taskById } from '../task/index.js';
import { metricsOf } from '../task/measure.js';
import type { Metric } from '../task/metrics/contract.js';
import { codeDigest } from './codeVersion.js';
import { numbersIn, valuesOf } from './watches/qualityReference.js';
import { referenceIdOf, referenceRows, type ReferenceRows } from './referenceRows.js';

/**
 * What estimates a version's quality without the truth, made once from rows whose truth is known, and kept: calibrators for probabilities
 * of classes (CBPE), a model of the errors for numbers (DLE).
 */
export const estimator = z.object({
	v: z.literal(1),
	/** Record whose rows it was made from. */
	reference: z.string(),
	calibrators: z.array(risingLine.nullable()).optional(),
	/** By metric, the digest of the package that holds the model of its errors. */
	inner: dictionaryOf(z.string()).optional(),
	whole: referenceGroup,
	/** What is known of segments, by their names. */
	segments: dictionaryOf(referenceGroup),
	/** By each column that rows are divided by, how its numbers lie; empty for other columns. */
	columns: dictionaryOf(z.array(z.number())),
	/** Rows that had no truth or no score. */
	leftOut: z.number().int(),
});
export type Estimator = z.infer<typeof estimator>;

/** A version as its estimator is asked for. */
export interface EstimatedVersion {
	/** `churn version 3`. */
	label: string;
	digest: string;
	runId: string;
	manifest: ModelManifest;
}

/** Fewer rows than this tell nothing of how probabilities or errors come out. */
export const LEAST_REFERENCE = 50;

/** How a kind of output is estimated; others are not. */
const METHODS: Partial<Record<Output, 'classes' | 'errors'>> = { probability: 'classes', probabilities: 'classes', value: 'errors' };

export const methodOf = ({ task }: Pick<ModelManifest, 'task'>): 'classes' | 'errors' | undefined => METHODS[taskById(task).output];

/** Recalls the estimator of a version, or makes it. @throws `monitor.no_estimate` saying what to do */
export async function estimatorOf(
	store: Store,
	version: EstimatedVersion,
	segments: readonly string[],
	context: JobContext,
): Promise<Estimator> {
	const { label, manifest } = version;
	const method = methodOf(manifest);
	if (!method)
		throw new MlopsError('monitor.no_estimate', `Nobody can say without the truth how good the answers of ${label} are.`, {
			expected: 'a model whose answers are probabilities of classes, or numbers',
			found: `${taskById(manifest.task).label}, whose scores say how unusual a row is`,
			remedy: 'Watch "Answers" or "Data Drift" instead, or "Quality" where the truth is told later.',
		});
	const reference = await referenceIdOf(store, version);
	const key = `estimator:${digestOf({ model: version.digest, reference, segments, code: codeDigest() })}`;
	const known = z.object({ artifact: z.string() }).safeParse(await store.progress(key)).data;
	if (known && (await store.artifacts.has(known.artifact)))
		return estimator.parse(JSON.parse((await store.artifacts.get(known.artifact)).toString('utf8')));
	context.progress({ stage: `Learning how sure ${label} is`, share: 0.05 });
	const made = await makeEstimator(store, version, method, reference, segments, context);
	await store.setProgress(key, { artifact: await store.artifacts.put(canonicalJson(made)) });
	return made;
}

async function makeEstimator(
	store: Store,
	version: EstimatedVersion,
	method: 'classes' | 'errors',
	reference: string,
	segments: readonly string[],
	context: JobContext,
): Promise<Estimator> {
	const { manifest } = version;
	const rows = await knownRows(store, version, method === 'errors' || segments.length > 0);
	const outputs = taskById(manifest.task).outputs(manifest.classes.length);
	const usable = indicesOf(rows, outputs);
	const leftOut = rows.labels.length - usable.length;
	if (usable.length < LEAST_REFERENCE) throw tooFew(version.label, usable.length);
	const picked = pick(rows, usable, outputs);
	const made = method === 'errors' ? await directParts(store, picked, manifest, context) : chanceParts(picked, manifest, outputs);
	const { groupOf, ...parts } = made;
	const all = Uint32Array.from(usable, (_, i) => i);
	return { v: 1, reference, leftOut, ...parts, whole: groupOf(all), ...segmentParts(picked.frame, manifest, segments, groupOf) };
}

/** What is known of some of the rows. */
type GroupOf = (at: Uint32Array) => ReferenceGroup;

function chanceParts(
	{ labels, scores }: ReferenceRows,
	{ task, threshold, classes: { length: classes } }: ModelManifest,
	outputs: number,
): Pick<Estimator, 'calibrators'> & { groupOf: GroupOf } {
	const calibrators = fitCalibrators({ labels, scores, outputs, classes });
	return {
		calibrators,
		groupOf(at) {
			const known = { labels: rowsAt(labels, at, 1), scores: rowsAt(scores, at, outputs) };
			return expectedReference(expectedMetrics({ task }), { ...known, outputs, classes, threshold }, calibrators);
		},
	};
}

/** Segments of a column that are known, those with most rows; fewer rows of one say nothing. */
const SEGMENTS = { least: 20, most: 50 };
/** Numbers that tell how a column's numbers lie. */
const QUANTILES = 100;

function segmentParts(
	frame: Frame,
	{ signature }: ModelManifest,
	names: readonly string[],
	groupOf: GroupOf,
): Pick<Estimator, 'segments' | 'columns'> {
	const segments = dictionary<ReferenceGroup>();
	const columns = dictionary<number[]>();
	for (const name of names) {
		const column = signature.find((c) => c.name === name);
		const values = column && valuesOf(frame, column);
		if (!values) continue;
		const numbers = numbersIn(values).sort();
		const known = numbers.length ? Array.from({ length: QUANTILES + 1 }, (_, q) => quantile(numbers, q / QUANTILES)) : [];
		const segmenter = segmenterOf(column, Float64Array.from(known));
		if (!segmenter) continue;
		columns[name] = known;
		for (const [segment, at] of segmentsOf(values.map(segmenter), SEGMENTS).segments) segments[segment] = groupOf(Uint32Array.from(at));
	}
	return { segments, columns };
}

/** @throws `monitor.no_estimate` */
async function knownRows(store: Store, version: EstimatedVersion, columns: boolean): Promise<ReferenceRows> {
	const { label, manifest } = version;
	let rows: ReferenceRows | undefined;
	try {
		rows = await referenceRows(store, version, manifest, columns);
	} catch (thrown) {
		if (MlopsError.from(thrown).code !== 'store.not_found') throw thrown;
		throw new MlopsError('monitor.no_estimate', `The rows that ${label} was tested on are no longer in the store.`, {
			cause: thrown,
			remedy: 'Evaluate it on a dataset with answers (MLOps Evaluate, Rows: Another Dataset).',
		});
	}
	if (rows) return rows;
	throw new MlopsError('monitor.no_estimate', `Nothing is known of how good ${label} was where the truth was known.`, {
		expected: 'an evaluation of it, on rows that it did not learn from',
		remedy: 'Evaluate it on a dataset with answers (MLOps Evaluate, Rows: Another Dataset).',
	});
}

const tooFew = (label: string, rows: number): MlopsError =>
	new MlopsError('monitor.no_estimate', `Only ${rows} rows tell how good ${label} was, too few to estimate from.`, {
		expected: `at least ${LEAST_REFERENCE} rows with their truth`,
		found: `${rows}`,
		remedy: 'Evaluate it on a larger dataset with answers (MLOps Evaluate, Rows: Another Dataset).',
	});

/** Metrics that are estimated from probabilities of classes. */
export const expectedMetrics = ({ task }: Pick<ModelManifest, 'task'>): Metric[] =>
	metricsOf(task).filter((m) => !m.withoutTruth && m.replicates.from !== 'resample');

function indicesOf({ labels, scores }: ReferenceRows, outputs: number): Uint32Array {
	const whole = (i: number): boolean => {
		for (let k = 0; k < outputs; k++) if (!Number.isFinite(scores[i * outputs + k])) return false;
		return Number.isFinite(labels[i]);
	};
	return Uint32Array.from(Array.from(labels.keys()).filter(whole));
}

const pick = ({ frame, labels, scores }: ReferenceRows, at: Uint32Array, outputs: number): ReferenceRows => ({
	frame: takeRows(frame, at),
	labels: Float64Array.from(at, (i) => labels[i]),
	scores: rowsAt(scores, at, outputs),
});

/** Some rows of a row-major table. */
export function rowsAt(table: Float64Array, at: ArrayLike<number>, width: number): Float64Array {
	const out = new Float64Array(at.length * width);
	for (let i = 0; i < at.length; i++) for (let k = 0; k < width; k++) out[i * width + k] = table[at[i] * width + k];
	return out;
}

/** The least version of a package whose installs know the trees of inner models, whatever the watched model is. */
const INNER_VERSION = 6;

/** A model of each metric's errors, and what is known of the metric. */
async function directParts(
	store: Store,
	{ frame, labels, scores }: ReferenceRows,
	manifest: ModelManifest,
	context: JobContext,
): Promise<{ inner: Dictionary<string>; groupOf: GroupOf }> {
	const known = { labels, scores };
	const metrics = metricsOf(manifest.task).filter((m) => hasDirectLoss(m, known));
	const x = withAnswer(await matrixOf(frame, manifest), scores);
	const inner = dictionary<string>();
	const expected: Float64Array[] = [];
	for (const [k, metric] of metrics.entries()) {
		const share = (at: number): number => 0.1 + (0.4 * (k + at)) / metrics.length;
		context.progress({ stage: `Learning where errors are large (${metric.label})`, share: share(0) });
		const state = await fitInner(x, rowErrors(metric, known), manifest.task, { ...context, seed: 0, progress: () => {}, note: () => {} });
		// The package holds recipe and encoder as well: all that the inner model reads rows by. Its trees are in the newest form.
		inner[metric.id] = await store.artifacts.put(writePackage({ ...manifest, v: INNER_VERSION }, state));
		expected.push(await (await innerModel(state, namesOf(x)))(x, context.threads));
	}
	return {
		inner,
		groupOf: (at) =>
			directReference(
				metrics,
				{ labels: rowsAt(labels, at, 1), scores: rowsAt(scores, at, 1) },
				expected.map((errors) => rowsAt(errors, at, 1)),
			),
	};
}

/** Rows as the model itself sees them. */
export async function matrixOf(frame: Frame, manifest: ModelManifest): Promise<Matrix> {
	return encode(await transformRecipe(frame, manifest.recipe, { labelled: false }), readEncoder(manifest.encoder), { float: 64 });
}

/** The inner models of an estimator, in the order of all metrics. */
export async function innerModels(
	store: Store,
	{ inner = dictionary() }: Estimator,
	{ task }: Pick<ModelManifest, 'task'>,
): Promise<Array<{ metric: Metric; state: State }>> {
	return await Promise.all(
		metricsOf(task).flatMap((metric) => {
			const digest = own(inner, metric.id);
			return digest === undefined ? [] : [store.artifacts.get(digest).then((bytes) => ({ metric, state: readPackage(bytes).state }))];
		}),
	);
}
