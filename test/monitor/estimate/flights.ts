import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { Frame } from '../../../lib/data/frame.js';
import { takeRows } from '../../../lib/data/takeRows.js';
import type { ColumnSchema } from '../../../lib/domain/column.js';
import { PART, splitParams } from '../../../lib/domain/split.js';
import { loadModel, type LoadedModel } from '../../../lib/learn/score.js';
import { trainModel } from '../../../lib/learn/trainModel.js';
import { calibrated, fitCalibrators } from '../../../lib/monitor/estimate/calibration.js';
import { directLoss, rowErrors, scoredValues } from '../../../lib/monitor/estimate/directLoss.js';
import { expectedValue } from '../../../lib/monitor/estimate/expected.js';
import { fitInner, innerModel, namesOf, withAnswer } from '../../../lib/monitor/estimate/innerModel.js';
import { compareEstimate, estimateInterval } from '../../../lib/monitor/estimate/judgeEstimate.js';
import { directReference, expectedReference, type ReferenceGroup } from '../../../lib/monitor/estimate/reference.js';
import { encode, readEncoder } from '../../../lib/recipe/encode.js';
import { transformRecipe } from '../../../lib/recipe/fit.js';
import type { Metric } from '../../../lib/task/metrics/contract.js';
import { METRICS } from '../../../lib/task/metrics/index.js';
import { Scored } from '../../../lib/task/metrics/scored.js';
import { frameOf } from '../../data/frames.js';
import { specOf, taskContext } from '../../learn/penguins.js';

/** A metric of one month. */
export interface Month {
	month: string;
	rows: number;
	metric: string;
	estimated: number;
	low: number;
	high: number;
	/** By what came true. */
	realised: number;
	/** On the test rows of January. */
	reference: number;
	pValue: number;
	effect: number;
}

const FILE = join(__dirname, '../../../node_modules/vega-datasets/data/flights-3m.parquet');
const MONTHS = ['February', 'March', 'April', 'May', 'June'] as const;
const metric = (id: string): Metric => METRICS.find((m) => m.id === id)!;
const column = (name: string, type: ColumnSchema['type'], role: ColumnSchema['role'] = 'feature'): ColumnSchema => ({ name, type, role });

/** Every so manieth flight of 2001, with the answer to one of two questions. */
async function flights(oneIn: number, target: ColumnSchema, sql: string): Promise<{ frame: Frame; month: Uint8Array }> {
	const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
	const connection = await instance.connect();
	const result = await connection.runAndReadAll(
		`SELECT epoch_ms(date)::DOUBLE, hour(date)::DOUBLE, dayofweek(date)::DOUBLE, distance::DOUBLE, origin, destination, ${sql}, ` +
			`month(date)::DOUBLE FROM read_parquet('${FILE}', file_row_number = true) WHERE file_row_number % ${oneIn} = 0 ` +
			`AND date < '2001-07-01' ORDER BY date, file_row_number`,
	);
	const [date, hour, weekday, distance, origin, destination, truth, month] = result.getColumns();
	connection.closeSync();
	instance.closeSync();
	const schema = [
		column('date', 'datetime', 'time'),
		column('hour', 'integer'),
		column('weekday', 'integer'),
		column('distance', 'integer'),
		column('origin', 'category'),
		column('destination', 'category'),
		target,
	];
	const values = { date, hour, weekday, distance, origin, destination, [target.name]: truth } as Record<string, unknown[]>;
	return { frame: frameOf(schema, values), month: Uint8Array.from(month as number[]) };
}

/** Learns from the first three weeks of January; the last ten days are its test rows. */
async function trained(frame: Frame, target: string): Promise<{ model: LoadedModel; test: Uint32Array }> {
	const split = splitParams.parse({ method: 'time', testFrom: '2001-01-22', testUntil: '2001-02-01' });
	const { package: bytes, parts } = await trainModel(frame, specOf({ target, split, params: { n_estimators: 60 } }), taskContext());
	return { model: await loadModel(bytes), test: Uint32Array.from(Array.from(parts.keys()).filter((i) => parts[i] === PART.test)) };
}

const inMonth = (month: Uint8Array, m: number): Uint32Array => Uint32Array.from(Array.from(month.keys()).filter((i) => month[i] === m));

/** June as it would be if distances came in kilometres. */
function inKilometres(frame: Frame): Frame {
	const at = frame.schema.findIndex((c) => c.name === 'distance');
	const vectors = frame.vectors.map((v, i) => (i === at && 'data' in v ? { data: v.data.map((x) => x * 1.609344) } : v));
	return { ...frame, vectors };
}

type Estimate = (frame: Frame, scores: Float64Array) => Promise<(metric: Metric) => number>;

async function months(
	{ frame, month }: { frame: Frame; month: Uint8Array },
	model: LoadedModel,
	ids: readonly string[],
	reference: ReferenceGroup,
	estimate: Estimate,
	truthOf: (frame: Frame, scores: Float64Array) => Scored,
): Promise<Month[]> {
	const parts = MONTHS.map((name, k) => ({ name: name as string, part: takeRows(frame, inMonth(month, k + 2)) }));
	parts.push({ name: 'June, in kilometres', part: inKilometres(parts[4].part) });
	const found: Month[] = [];
	for (const { name, part } of parts) {
		const scores = await model.scoreFrame(part);
		const value = await estimate(part, scores);
		const truth = truthOf(part, scores);
		for (const id of ids) {
			const known = reference.metrics[id];
			const estimated = value(metric(id));
			const [low, high] = estimateInterval(metric(id), estimated, known.chance, part.rows);
			const { pValue = 1, effect = 0 } = compareEstimate(metric(id), estimated, part.rows, { ...known, rows: reference.rows }, 0.02);
			const realised = metric(id).value(truth);
			found.push({ month: name, rows: part.rows, metric: id, estimated, low, high, realised, reference: known.value, pValue, effect });
		}
	}
	return found;
}

/** Whether a flight is more than a quarter of an hour late, by confidence-based estimates. */
export async function lateMonths(oneIn: number): Promise<Month[]> {
	const made = await flights(oneIn, column('late', 'category', 'target'), `CASE WHEN delay > 15 THEN 'yes' ELSE 'no' END`);
	const { model, test } = await trained(made.frame, 'late');
	const { threshold, classes } = model.manifest;
	const shape = { outputs: 1, classes: 2 };
	const labels = (frame: Frame): Float64Array => {
		const { codes, dictionary } = frame.vectors[6] as { codes: Uint32Array; dictionary: string[] };
		return Float64Array.from(codes, (code) => (dictionary[code - 1] === classes[1] ? 1 : 0));
	};
	const rows = takeRows(made.frame, test);
	const scores = await model.scoreFrame(rows);
	const known = { labels: labels(rows), scores, ...shape, threshold };
	const calibrators = fitCalibrators(known);
	const ids = ['auc', 'average_precision', 'f1', 'accuracy', 'logLoss'];
	const reference = expectedReference(ids.map(metric), known, calibrators);
	return await months(
		made,
		model,
		ids,
		reference,
		(_, given) => {
			const chances = calibrated({ scores: given, ...shape }, calibrators);
			return Promise.resolve((m: Metric) => expectedValue(m, { scores: given, ...shape, threshold, chances })!);
		},
		(frame, given) => new Scored({ y: labels(frame), p: given, ...shape, threshold }),
	);
}

/** By how many minutes a flight is late, by direct estimates of the error. */
export async function delayMonths(oneIn: number): Promise<Month[]> {
	const made = await flights(oneIn, column('delay', 'number', 'target'), 'delay::DOUBLE');
	const { model, test } = await trained(made.frame, 'delay');
	const { manifest } = model;
	const labels = (frame: Frame): Float64Array => (frame.vectors[6] as { data: Float64Array }).data;
	const matrix = async (frame: Frame, scores: Float64Array) =>
		withAnswer(
			encode(await transformRecipe(frame, manifest.recipe, { labelled: false }), readEncoder(manifest.encoder), { float: 64 }),
			scores,
		);
	const rows = takeRows(made.frame, test);
	const scores = await model.scoreFrame(rows);
	const known = { labels: labels(rows), scores };
	const x = await matrix(rows, scores);
	const ids = ['mae', 'rmse'];
	const inner = await Promise.all(
		ids.map(async (id) => {
			const state = await fitInner(x, rowErrors(metric(id), known), manifest.task, { ...taskContext(), seed: 0, progress: () => {} });
			return await innerModel(state, namesOf(x));
		}),
	);
	const expected = await Promise.all(inner.map(async (of) => await of(x, 1)));
	return await months(
		made,
		model,
		ids,
		directReference(ids.map(metric), known, expected),
		async (frame, given) => {
			const own = await matrix(frame, given);
			const errors = await Promise.all(inner.map(async (of) => await of(own, 1)));
			return (m: Metric) => directLoss(m, errors[ids.indexOf(m.id)]);
		},
		(frame, given) => scoredValues({ labels: labels(frame), scores: given }),
	);
}

/** As a table of Markdown. */
export function tableOf(found: readonly Month[]): string {
	const figure = (x: number): string => x.toLocaleString('en-US', { minimumSignificantDigits: 3, maximumSignificantDigits: 3 });
	const lines = found.map(
		(m) =>
			`| ${m.metric} | ${m.month} | ${m.rows.toLocaleString('en-US')} | ${figure(m.reference)} | ${figure(m.estimated)} | ` +
			`${figure(m.low)} to ${figure(m.high)} | ${figure(m.realised)} |`,
	);
	return [
		'| Metric | Month | Flights | Test rows of January | Estimated | Interval | Came true |',
		'| --- | --- | ---: | ---: | ---: | --- | ---: |',
		...lines,
	].join('\n');
}
