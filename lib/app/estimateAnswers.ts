import type { JobContext } from '../compute/contract.js';
import { withDuck, type Duck } from '../data/duck.js';
import { countGiven, readGiven, type GivenAsked, type GivenCount } from '../data/givenAnswers.js';
import { cellReader } from '../data/reading/index.js';
import { dictionary, own, type Dictionary } from '../domain/dictionary.js';
import { MlopsError } from '../domain/errors.js';
import { readPackage } from '../formats/modelPackage.js';
import { calibrated } from '../monitor/estimate/calibration.js';
import { directLoss } from '../monitor/estimate/directLoss.js';
import { expectedValue } from '../monitor/estimate/expected.js';
import { innerModel, namesOf, withAnswer } from '../monitor/estimate/innerModel.js';
import { estimateFindings, estimateSummary, type EstimatedGroup } from '../monitor/estimate/judgeEstimate.js';
import { requestsOf } from '../monitor/frameFromLog.js';
import type { EstimateParams } from '../monitor/estimate/estimateParams.js';
import { segmenterOf, segmentsOf } from '../monitor/quality/segmenter.js';
import { count, list } from '../report/formatting.js';
import type { Store } from '../store/contract.js';
import { checkMetric } from '../task/measure.js';
import type { Metric } from '../task/metrics/contract.js';
import { taskById } from '../task/index.js';
import { estimatorOf, expectedMetrics, innerModels, matrixOf, rowsAt, type EstimatedVersion, type Estimator } from './estimator.js';
import type { Looked, Span, Watched } from './watches/contract.js';

/** A version whose answers are estimated. */
interface Estimated extends EstimatedVersion {
	version: number;
	estimator: Estimator;
	/** Id of the metric that decides. */
	metric: string;
}

/** Answers of a version in a window. */
interface ReadAnswers {
	rows: number;
	/** Answers without a score that can be read. */
	unreadable: number;
	/** All that there are, where only some were read. */
	of?: number;
	/** Metrics of some of them (all, without places), or one metric. */
	values(at?: readonly number[], only?: string): Dictionary<number>;
	/** The segments of each answer, one list a column. */
	segments: string[][];
}

const ASSUMPTION =
	'These figures are estimates. They hold as long as what turns out true hangs on what is asked about as it did on the test rows: a ' +
	'shift of what is asked about is seen, a world that works otherwise is not. Tell the truth of answers (MLOps Feedback) and watch ' +
	'Quality to see that.';

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
		const of = await versionOf(store, watched, given, params, versions, context);
		if (of instanceof MlopsError) notes.push({ code: of.code, text: `${of.message} ${of.details.remedy ?? ''}`.trim() });
		else estimated.push({ of, answers: await readAnswers(duck, store, asked, given, of, context) });
	}
	const failed = counts.length > 0 && estimated.length === 0 ? [...versions.values()].find((v) => v instanceof MlopsError) : undefined;
	if (failed instanceof MlopsError) throw failed;
	const rows = counts.reduce((sum, given) => sum + given.rows, 0);
	const base = { rows, versions: [...new Set(counts.map((given) => given.version))] };
	if (rows === 0) return { ...base, notes, findings: [], waiting: 'Nobody was given an answer in this time.' };
	const main = await mainOf(store, watched, span, estimated);
	const groups = estimated.flatMap(({ of, answers }) => groupsOf(of, answers, of === main.of, params.leastRows));
	const findings = estimateFindings(groups, { metric: main.of.metric, smallestChange: params.smallestChange });
	notes.push(...estimated.flatMap(({ of, answers }) => notesOf(of, answers, watched.segments)));
	return {
		...base,
		reference: main.of.estimator.reference,
		notes: [...notes, { code: 'estimate_assumption', text: ASSUMPTION }],
		findings,
		...(main.answers.rows >= params.leastRows
			? { summary: estimateSummary(findings, main.of.metric, main.answers.rows) }
			: { waiting: `There are only ${count(main.answers.rows, 'answer')}, and ${params.leastRows} are needed to judge.` }),
	};
}

/** Segments of a column that are looked at, those with most answers. */
const MOST_SEGMENTS = 20;

/** What is estimated of a version in a window: all of it, and the deciding metric of its segments. */
function groupsOf({ version, estimator, metric }: Estimated, answers: ReadAnswers, main: boolean, least: number): EstimatedGroup[] {
	const named = (segment?: string): { segment?: string } => {
		const name = [...(main ? [] : [`version ${version}`]), ...(segment === undefined ? [] : [segment])].join(', ');
		return name ? { segment: name } : {};
	};
	const { rows } = answers;
	const whole = { version, whole: true, ...named(), rows, values: answers.values(), reference: estimator.whole, judged: rows >= least };
	const parts = answers.segments.flatMap((names) =>
		[...segmentsOf(names, { least, most: MOST_SEGMENTS }).segments].map(([segment, at]): EstimatedGroup => {
			const reference = own(estimator.segments, segment);
			const shown = { version, whole: false, ...named(segment), rows: at.length, values: answers.values(at, metric) };
			return { ...shown, judged: reference !== undefined, ...(reference ? { reference } : {}) };
		}),
	);
	return [whole, ...parts];
}

function notesOf({ label, estimator }: Estimated, { rows, unreadable, of }: ReadAnswers, asked: readonly string[]): Looked['notes'] {
	const lost = asked.filter((name) => !Object.hasOwn(estimator.columns, name));
	return [
		...(of === undefined
			? []
			: [
					{
						code: 'sampled',
						text: `Of ${count(of, 'answer')} of ${label} an even sample of ${count(rows + unreadable, 'answer')} is estimated.`,
					},
				]),
		...(unreadable
			? [{ code: 'estimate_unreadable', text: `${count(unreadable, 'answer')} of ${label} had no score that can be read.` }]
			: []),
		...(lost.length ? [{ code: 'no_segments', text: `Answers of ${label} cannot be divided by ${list(lost)}.` }] : []),
	];
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
	{ model, segments }: Watched,
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
		const estimator = await estimatorOf(store, of, segments, context);
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
	const { threshold } = manifest;
	const classes = manifest.classes.length;
	const outputs = taskById(manifest.task).outputs(classes);
	const columns = segmentColumns(of);
	const all = new Float64Array(given.rows * outputs);
	let rows = 0;
	let unreadable = 0;
	const names = columns.map(({ name }) => name);
	for await (const part of readGiven(duck, store.log, asked, given, outputs, { columns: names, input: false })) {
		for (let i = 0; i < part.rows; i++) {
			const score = part.scores.subarray(i * outputs, (i + 1) * outputs);
			if (!score.every(Number.isFinite)) {
				unreadable++;
				continue;
			}
			all.set(score, outputs * rows++);
			for (const [k, { into, segmentOf }] of columns.entries()) into.push(segmentOf(part.cells[k][i]));
		}
	}
	const scores = all.subarray(0, rows * outputs);
	const chances = calibrated({ scores, outputs, classes }, estimator.calibrators!);
	const metrics = expectedMetrics(manifest).filter((m) => Object.hasOwn(estimator.whole.metrics, m.id));
	return {
		rows,
		unreadable,
		segments: columns.map(({ into }) => into),
		values(at, only) {
			const part = at ? { scores: rowsAt(scores, at, outputs), chances: rowsAt(chances, at, classes) } : { scores, chances };
			return valuesOf(metrics, only, (metric) => expectedValue(metric, { ...part, outputs, classes, threshold }));
		},
	};
}

/** Metrics that have a value. */
function valuesOf(
	metrics: readonly Metric[],
	only: string | undefined,
	of: (metric: Metric, k: number) => number | undefined,
): Dictionary<number> {
	const values = dictionary<number>();
	for (const [k, metric] of metrics.entries()) {
		const value = only === undefined || only === metric.id ? of(metric, k) : undefined;
		if (value !== undefined && Number.isFinite(value)) values[metric.id] = value;
	}
	return values;
}

/** Columns that answers are divided by, each with the segment of a cell as callers sent it (JSON). */
function segmentColumns({ manifest, estimator }: Estimated) {
	return Object.entries(estimator.columns).map(([name, known]) => {
		const column = manifest.signature.find((c) => c.name === name)!;
		const { read } = cellReader(
			column,
			manifest.seen?.find((s) => s.name === name),
		);
		const segmenter = segmenterOf(column, Float64Array.from(known))!;
		const seen = new Map<string | null, string>();
		const segmentOf = (cell: string | null): string => {
			let segment = seen.get(cell);
			if (segment === undefined) {
				// Numbers may all differ.
				if (seen.size > 10_000) seen.clear();
				seen.set(cell, (segment = segmenter(cell === null ? null : (read(JSON.parse(cell)) ?? null))));
			}
			return segment;
		};
		const into: string[] = [];
		return { name, segmentOf, into };
	});
}

/** More answers than these say no more of the mean of errors, and each has to be read as the model reads it. */
const MOST_EXPECTED = 100_000;

async function readErrors(
	duck: Duck,
	store: Store,
	asked: GivenAsked,
	given: GivenCount,
	of: Estimated,
	context: JobContext,
): Promise<ReadAnswers> {
	const { manifest, estimator } = of;
	const inner = await innerModels(store, estimator, manifest);
	let models: Array<Awaited<ReturnType<typeof innerModel>>> | undefined;
	const columns = segmentColumns(of);
	const names = columns.map(({ name }) => name);
	const all = inner.map(() => new Float64Array(given.rows));
	let rows = 0;
	let unreadable = 0;
	for await (const part of readGiven(duck, store.log, asked, given, 1, { columns: names, input: true, most: MOST_EXPECTED })) {
		const whole = Array.from(part.scores.keys()).filter((i) => Number.isFinite(part.scores[i]));
		unreadable += part.rows - whole.length;
		for (const [k, { into, segmentOf }] of columns.entries()) for (const i of whole) into.push(segmentOf(part.cells[k][i]));
		const { frame } = requestsOf(
			whole.map((i) => ({ input: JSON.parse(part.input[i]) as Record<string, unknown> })),
			manifest,
		);
		const x = withAnswer(await matrixOf(frame, manifest), rowsAt(part.scores, whole, 1));
		models ??= await Promise.all(inner.map(async ({ state }) => await innerModel(state, namesOf(x))));
		for (const [k, model] of models.entries()) all[k].set(await model(x, context.threads), rows);
		rows += whole.length;
	}
	const metrics = inner.map(({ metric }) => metric);
	return {
		rows,
		unreadable,
		...(given.rows > MOST_EXPECTED ? { of: given.rows } : {}),
		segments: columns.map(({ into }) => into),
		values: (at, only) => valuesOf(metrics, only, (metric, k) => directLoss(metric, at ? rowsAt(all[k], at, 1) : all[k].subarray(0, rows))),
	};
}
