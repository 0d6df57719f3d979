import type { JobContext } from '../compute/contract.js';
import { withDuck, type Duck } from '../data/duck.js';
import { countGiven, readGiven, type GivenAsked, type GivenCount } from '../data/givenAnswers.js';
import { dictionary, type Dictionary } from '../domain/dictionary.js';
import { MlopsError } from '../domain/errors.js';
import { readPackage } from '../formats/modelPackage.js';
import { calibrated } from '../monitor/estimate/calibration.js';
import { directLoss } from '../monitor/estimate/directLoss.js';
import { expectedValue } from '../monitor/estimate/expected.js';
import { innerModel, namesOf, withAnswer } from '../monitor/estimate/innerModel.js';
import { estimateFindings, type EstimatedGroup } from '../monitor/estimate/judge.js';
import { requestsOf } from '../monitor/frameFromLog.js';
import type { EstimateParams } from '../monitor/estimate/params.js';
import { count } from '../report/format.js';
import type { Store } from '../store/contract.js';
import { checkMetric } from '../task/measure.js';
import { metricById } from '../task/metrics/index.js';
import { taskById } from '../task/index.js';
import { estimatorOf, expectedMetrics, innerModels, matrixOf, type EstimatedVersion, type Estimator } from './estimator.js';
import type { Looked, Span, Watched } from './watches/contract.js';

/** A version whose answers are estimated. */
interface Estimated extends EstimatedVersion {
	version: number;
	estimator: Estimator;
	/** Id of the metric that decides. */
	metric: string;
}

/** Answers of a version in a window, in numbers. */
interface ReadAnswers {
	rows: number;
	/** Answers without a score that can be read. */
	unreadable: number;
	values: Dictionary<number>;
}

const ASSUMPTION = {
	classes:
		'These figures are estimates. They hold as long as what turns out true hangs on what is asked about as it did on the test rows: a shift of ' +
		'what is asked about is seen, a world that works otherwise is not. Tell the truth of answers (MLOps Feedback) and watch Quality to see that.',
} as const;

/**
 * How good answers of windows probably were, before anybody knows what is true; each version is estimated by itself, from its own test
 * rows. The one that the alias points to (else the one that answered most) speaks for the window, the others are its segments `version 3`.
 * @throws `monitor.no_estimate` where no version can be estimated, `learn.parameter_invalid` for a metric of another task
 */
export async function estimateAnswers(
	store: Store,
	watched: Watched,
	windows: readonly Span[],
	params: EstimateParams,
	context: JobContext,
): Promise<Looked[]> {
	const versions = new Map<string, Estimated | MlopsError>();
	return await withDuck({ threads: context.threads, memoryBytes: context.memoryBytes / 4 }, async (duck) => {
		const looked: Looked[] = [];
		for (const [n, span] of windows.entries()) {
			context.progress({ stage: `Estimating answers: ${span.from.slice(0, 10)}`, share: 0.5 + (0.5 * n) / windows.length });
			looked.push(await estimateWindow(duck, store, watched, span, params, versions, context));
		}
		return looked;
	});
}

async function estimateWindow(
	duck: Duck,
	store: Store,
	watched: Watched,
	span: Span,
	params: EstimateParams,
	versions: Map<string, Estimated | MlopsError>,
	context: JobContext,
): Promise<Looked> {
	const asked = { ...watched, ...span };
	const counts = await countGiven(duck, store.log, asked);
	const notes: Looked['notes'] = [];
	const estimated: Array<{ of: Estimated; answers: ReadAnswers }> = [];
	for (const given of counts) {
		const of = await versionOf(store, watched.model, given, params, versions, context);
		if (of instanceof MlopsError) notes.push({ code: of.code, text: `${of.message} ${of.details.remedy ?? ''}`.trim() });
		else estimated.push({ of, answers: await readAnswers(duck, store, asked, given, of, context) });
	}
	const failed = counts.length > 0 && estimated.length === 0 ? [...versions.values()].find((v) => v instanceof MlopsError) : undefined;
	if (failed instanceof MlopsError) throw failed;
	const rows = counts.reduce((sum, given) => sum + given.rows, 0);
	const base = { rows, versions: [...new Set(counts.map((given) => given.version))] };
	if (rows === 0) return { ...base, notes, findings: [], waiting: 'Nobody was given an answer in this time.' };
	const main = await mainOf(store, watched, span, estimated);
	const judged = (answers: ReadAnswers): boolean => answers.rows >= params.leastRows;
	const groups = estimated.map(
		({ of, answers }): EstimatedGroup => ({
			version: of.version,
			...(of === main.of ? {} : { segment: `version ${of.version}` }),
			rows: answers.rows,
			values: answers.values,
			reference: of.estimator.whole,
			judged: judged(answers),
		}),
	);
	for (const { of, answers } of estimated) {
		if (!answers.unreadable) continue;
		notes.push({
			code: 'estimate_unreadable',
			text: `${count(answers.unreadable, 'answer')} of ${of.label} had no score that can be read.`,
		});
	}
	return {
		...base,
		reference: main.of.estimator.reference,
		notes: [...notes, { code: 'estimate_assumption', text: ASSUMPTION.classes }],
		findings: estimateFindings(groups, { metric: main.of.metric, smallestChange: params.smallestChange }),
		...(judged(main.answers)
			? {}
			: { waiting: `There are only ${count(main.answers.rows, 'answer')}, and ${params.leastRows} are needed to judge.` }),
	};
}

async function mainOf<T extends { of: Estimated; answers: ReadAnswers }>(
	store: Store,
	{ model, alias }: Watched,
	{ until }: Span,
	estimated: readonly T[],
): Promise<T> {
	const pointed = alias === undefined || estimated.length === 1 ? undefined : await store.aliasAt(model, alias, until);
	return estimated.find(({ of }) => of.version === pointed) ?? [...estimated].sort((a, b) => b.answers.rows - a.answers.rows)[0];
}

/** A version with its estimator, or why there is none. */
async function versionOf(
	store: Store,
	model: string,
	{ version, digest }: GivenCount,
	params: EstimateParams,
	known: Map<string, Estimated | MlopsError>,
	context: JobContext,
): Promise<Estimated | MlopsError> {
	const before = known.get(digest);
	if (before) return before;
	const record = await store.find('modelVersion', model, version);
	if (!record) throw new MlopsError('store.not_found', `Version ${version} of ${model} is not in the store.`);
	const { manifest } = readPackage(await store.artifacts.get(digest));
	const { primary } = (await store.get('run', record.body.runId)).body;
	const of = { label: `${model} version ${version}`, digest, runId: record.body.runId, manifest };
	let found: Estimated | MlopsError;
	try {
		const estimator = await estimatorOf(store, of, context);
		found = { ...of, version, estimator, metric: decidingMetric(params.metric.trim(), primary, of, estimator) };
	} catch (thrown) {
		found = MlopsError.from(thrown);
		if (found.code !== 'monitor.no_estimate') throw found;
	}
	known.set(digest, found);
	return found;
}

/**
 * The metric that decides: what was asked for, else what the model was chosen by, else the first that can be estimated.
 * @throws `learn.parameter_invalid`
 */
function decidingMetric(asked: string, primary: string, { manifest, label }: EstimatedVersion, { whole }: Estimator): string {
	const known = Object.keys(whole.metrics);
	if (asked) {
		const { id } = checkMetric(asked, manifest.task);
		if (known.includes(id)) return id;
		throw new MlopsError('learn.parameter_invalid', `"${id}" of ${label} cannot be estimated without the truth.`, {
			expected: `one of: ${known.join(', ')}`,
			found: id,
			remedy: 'Choose another under "Metric", or watch Quality.',
		});
	}
	return known.includes(primary) ? primary : known[0];
}

/** Reads the answers of a version in a window, and estimates them. */
async function readAnswers(
	duck: Duck,
	store: Store,
	asked: GivenAsked,
	given: GivenCount,
	of: Estimated,
	context: JobContext,
): Promise<ReadAnswers> {
	return of.estimator.calibrators
		? await readChances(duck, store, asked, given, of)
		: await readErrors(duck, store, asked, given, of, context);
}

async function readChances(duck: Duck, store: Store, asked: GivenAsked, given: GivenCount, of: Estimated): Promise<ReadAnswers> {
	const { manifest, estimator } = of;
	const outputs = taskById(manifest.task).outputs(manifest.classes.length);
	const all = new Float64Array(given.rows * outputs);
	let rows = 0;
	let unreadable = 0;
	for await (const part of readGiven(duck, store.log, asked, given, outputs, { columns: [], input: false }))
		for (let i = 0; i < part.rows; i++) {
			const score = part.scores.subarray(i * outputs, (i + 1) * outputs);
			if (!score.every(Number.isFinite)) unreadable++;
			else all.set(score, outputs * rows++);
		}
	const scores = all.subarray(0, rows * outputs);
	const shape = { scores, outputs, classes: manifest.classes.length };
	const chanced = { ...shape, threshold: manifest.threshold, chances: calibrated(shape, estimator.calibrators!) };
	const values = dictionary<number>();
	for (const metric of expectedMetrics(manifest)) {
		const value = expectedValue(metric, chanced);
		if (value !== undefined && Number.isFinite(value) && metric.id in estimator.whole.metrics) values[metric.id] = value;
	}
	return { rows, unreadable, values };
}

async function readErrors(
	duck: Duck,
	store: Store,
	asked: GivenAsked,
	given: GivenCount,
	{ manifest, estimator }: Estimated,
	context: JobContext,
): Promise<ReadAnswers> {
	const inner = await innerModels(store, estimator);
	let models: Array<Awaited<ReturnType<typeof innerModel>>> | undefined;
	const errors = inner.map(() => new Float64Array(given.rows));
	let rows = 0;
	let unreadable = 0;
	for await (const part of readGiven(duck, store.log, asked, given, 1, { columns: [], input: true })) {
		const whole = Array.from(part.scores.keys()).filter((i) => Number.isFinite(part.scores[i]));
		unreadable += part.rows - whole.length;
		const { frame } = requestsOf(
			whole.map((i) => ({ input: JSON.parse(part.input[i]) as Record<string, unknown> })),
			manifest,
		);
		const x = withAnswer(
			await matrixOf(frame, manifest),
			Float64Array.from(whole, (i) => part.scores[i]),
		);
		models ??= await Promise.all(inner.map(async ({ state }) => await innerModel(state, namesOf(x))));
		for (const [k, model] of models.entries()) errors[k].set(await model(x, context.threads), rows);
		rows += whole.length;
	}
	const values = dictionary<number>();
	for (const [k, { id }] of inner.entries()) {
		const value = directLoss(metricById(id)!, errors[k].subarray(0, rows));
		if (Number.isFinite(value) && id in estimator.whole.metrics) values[id] = value;
	}
	return { rows, unreadable, values };
}
