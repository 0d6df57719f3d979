import type { ColumnSchema } from '../../lib/domain/column';
import { evaluationRecord } from '../../lib/domain/evaluation';
import { silentContext } from '../../lib/domain/progress';
import { numbersOf, type Frame } from '../../lib/data/frame';
import { evaluateModel, type EvaluateInput } from '../../lib/evaluate/evaluateModel';
import { draws, rowUnits } from '../../lib/evaluate/resampling';
import { murmurTwice } from '../../lib/domain/random';
import { tally } from '../../lib/evaluate/predictionTally';
import { metricsFor } from '../../lib/task/measure';
import { frameOf, stringsOf } from '../data/frames';

const DAY = 86_400_000;
const column = (name: string, type: ColumnSchema['type'], role: ColumnSchema['role'] = 'feature'): ColumnSchema => ({ name, type, role });
const SCHEMA = [
	column('day', 'datetime', 'time'),
	column('x', 'number'),
	column('noise', 'number'),
	column('city', 'category'),
	column('late', 'boolean', 'target'),
];

/** Rows whose chance to be late grows with `x`; in Bergen that is turned round, so any model of x fails there. */
function world(rows: number, seed: number, days = 30): { frame: Frame; labels: Float64Array; scores: Float64Array } {
	const random = murmurTwice(seed);
	const x = Array.from({ length: rows }, () => random());
	const city = x.map(() => ['Oslo', 'Oslo', 'Rome', 'Bergen'][Math.floor(random() * 4)]);
	const late = x.map((v, i) => (random() < (city[i] === 'Bergen' ? 1 - v : v) ? 1 : 0));
	const day = x.map(() => Math.floor(random() * days) * DAY);
	const frame = frameOf(SCHEMA, { day, x, noise: x.map(() => random()), city, late });
	return { frame, labels: Float64Array.from(late), scores: scoreOf(frame) };
}

const scoreOf = (frame: Frame): Float64Array => numbersOf(frame, 'x').map((v) => 0.1 + 0.8 * v);

function binaryInput(w: ReturnType<typeof world>, more: Partial<EvaluateInput> = {}): EvaluateInput {
	return {
		...w,
		trainingLabels: w.labels,
		manifest: {
			task: 'binary',
			target: 'late',
			classes: ['no', 'yes'],
			threshold: 0.5,
			signature: SCHEMA.slice(1, 4).map((c) => ({ ...c, required: true })),
		},
		...more,
	};
}

const LATE = { task: 'binary' as const, target: 'late', classes: ['no', 'yes'], threshold: 0.5 };

const complete = (e: object) => evaluationRecord.parse({ runId: 'r', model: 'm', datasetId: 'd', predictions: 'p', seconds: 1, ...e });

describe('a binary model', () => {
	const w = world(3000, 1);

	test('says its classes as the table does, where callers get true and false', async () => {
		const late = { ...SCHEMA[4], format: JSON.stringify({ no: 'nein', yes: 'ja', shown: ['Ja', 'Nein'] }) };
		const schema = [...SCHEMA.slice(0, 4), late];
		const input = binaryInput({ ...w, frame: { ...w.frame, schema } });
		const manifest = { ...input.manifest, classes: [false, true] };
		const result = await evaluateModel({ ...input, manifest }, silentContext());
		expect([result.classes, result.confusion?.labels, result.roc?.[0].label]).toEqual([['Nein', 'Ja'], ['Nein', 'Ja'], 'Ja']);
		const unsaid = await evaluateModel({ ...binaryInput(w), manifest }, silentContext());
		expect(unsaid.classes).toEqual(['false', 'true']);
		const few = { ...input, scores: w.scores.slice(0, 30), labels: new Float64Array(30).fill(1, 0, 2), manifest };
		const rows = await evaluateModel({ ...few, frame: { ...world(30, 1).frame, schema } }, silentContext());
		expect(rows.gate.reasons[0].text).toContain('2 of "Ja"');
	});

	test('gets a complete record: exact metrics inside their intervals, curves, confusion, calibration, gate', async () => {
		const result = await evaluateModel(binaryInput(w, { timeColumn: 'day' }), silentContext());
		complete(result);
		const exact = metricsFor('binary', w.labels, w.scores, 2, { threshold: 0.5 });
		for (const [name, value] of Object.entries(exact)) {
			const { low, high, value: got } = result.metrics[name];
			expect(got).toBe(value);
			expect(low).toBeLessThan(value);
			expect(high).toBeGreaterThan(value);
		}
		expect(result.resampled).toBe('day');
		expect(result.baseline.auc).toBe(0.5);
		expect(result.confusion?.counts.flat().reduce((s, n) => s + n, 0)).toBe(3000);
		expect(result.gate.passed).toBe(true);
		expect(result.gateRules).toHaveLength(1);
		expect(JSON.stringify(result).length).toBeLessThan(60_000);
	});

	test('the same input gives the same record', async () => {
		const once = await evaluateModel(binaryInput(w, { timeColumn: 'day' }), silentContext());
		expect(await evaluateModel(binaryInput(w, { timeColumn: 'day' }), silentContext())).toEqual(once);
	});

	test('the group where the model fails comes first among the slices', async () => {
		const { slices } = await evaluateModel(binaryInput(w), silentContext());
		expect(slices[0]).toMatchObject({ column: 'city', value: 'Bergen' });
		expect(slices[0].metric).toBeLessThan(0.4);
		expect(slices[0].high).toBeLessThan(0.6);
		expect(slices.map((s) => s.value)).toContain('Oslo');
	});

	test('importance: the column that the model uses, and nothing for the others', async () => {
		const seen: string[] = [];
		const context = {
			...silentContext(),
			progress: (p: { stage: string }) => {
				seen.push(p.stage);
			},
		};
		const { importance } = await evaluateModel(binaryInput(w, { importance: true, scoreFrame: async (f) => scoreOf(f) }), context);
		expect(importance[0].feature).toBe('x');
		expect(importance[0].drop).toBeGreaterThan(0.1);
		expect(importance.find((i) => i.feature === 'noise')).toMatchObject({ drop: 0, std: 0 });
		expect(seen).toContain('Importance');
	});

	test('a better challenger beats the champion on rows that neither saw', async () => {
		const cities = stringsOf(w.frame, 'city');
		const bergen = cities.dictionary.indexOf('Bergen') + 1;
		const better = w.scores.map((s, i) => (cities.codes[i] === bergen ? 1 - s : s));
		const seen = new Uint8Array(3000).fill(1, 0, 500);
		const champion = { name: 'late@1', manifest: LATE, scores: w.scores, seen };
		const byDay = await evaluateModel(
			binaryInput({ ...w, scores: better }, { champion, timeColumn: 'day', rules: [{ metric: 'auc', kind: 'champion', value: 0.01 }] }),
			silentContext(),
		);
		expect(byDay.comparison).toMatchObject({
			against: 'late@1',
			metric: 'auc',
			rows: 2500,
			leftOut: 500,
			test: 'paired bootstrap of days',
		});
		expect(byDay.comparison?.pValue).toBeLessThan(1e-6);
		expect(byDay.gate.passed).toBe(true);
		const byRow = await evaluateModel(binaryInput({ ...w, scores: better }, { champion }), silentContext());
		expect(byRow.comparison?.test).toBe('DeLong');
		const width = (c: typeof byRow.comparison) => (c ? c.difference.high - c.difference.low : NaN);
		expect(width(byDay.comparison) / width(byRow.comparison)).toBeGreaterThan(0.6); // the rows of a day are independent here, so both agree
		expect(width(byDay.comparison) / width(byRow.comparison)).toBeLessThan(1.5);
	});

	test('the champion itself is no better than itself', async () => {
		const champion = { name: 'late@1', manifest: LATE, scores: w.scores.slice(), seen: new Uint8Array(3000) };
		const result = await evaluateModel(binaryInput(w, { champion, timeColumn: 'day' }), silentContext());
		expect(result.comparison).toMatchObject({ pValue: 1, difference: { value: 0, low: 0, high: 0 } });
		expect(result.gate.passed).toBe(true); // not worse
		const strict = await evaluateModel(
			binaryInput(w, { champion, rules: [{ metric: 'auc', kind: 'champion', value: 0 }] }),
			silentContext(),
		);
		expect(strict.gate.passed).toBe(false);
	});

	test('a champion that saw nearly all rows is not compared, and a rule on it fails', async () => {
		const champion = { name: 'late@1', manifest: LATE, scores: w.scores, seen: new Uint8Array(3000).fill(1) };
		const result = await evaluateModel(
			binaryInput(w, { champion, rules: [{ metric: 'auc', kind: 'champion', value: 0 }] }),
			silentContext(),
		);
		expect(result.comparison).toBeUndefined();
		expect(result.notes).toContainEqual(expect.objectContaining({ code: 'not_comparable' }));
		expect(result.gate.passed).toBe(false);
	});
});

describe('a champion that decides otherwise', () => {
	const w = world(3000, 1);
	const compare = async (champion: Partial<NonNullable<EvaluateInput['champion']>>) =>
		await evaluateModel(
			binaryInput(w, { champion: { name: 'late@1', manifest: LATE, scores: w.scores, seen: new Uint8Array(3000), ...champion } }),
			silentContext(),
		);
	const by = (e: Awaited<ReturnType<typeof compare>>, metric: string) => e.comparisons?.find((c) => c.metric === metric);

	test('is judged at its own threshold, by every metric', async () => {
		const result = await compare({ manifest: { ...LATE, threshold: 0.8 } });
		complete(result);
		const own = metricsFor('binary', w.labels, w.scores, 2, { threshold: 0.8 });
		for (const metric of ['f1', 'accuracy', 'precision', 'recall', 'mcc'])
			expect(by(result, metric)).toMatchObject({ theirs: own[metric], ours: result.metrics[metric].value });
		expect(own.recall).toBeLessThan(result.metrics.recall.value);
	});

	test('with its classes the other way round is turned round: the same model is no better than itself', async () => {
		const reversed = { manifest: { ...LATE, classes: ['yes', 'no'] }, scores: w.scores.map((s) => 1 - s) };
		const result = await compare(reversed);
		expect(result.comparison?.difference.value).toBeCloseTo(0, 12);
		const decided = await compare({ ...reversed, manifest: { ...reversed.manifest, threshold: 1 - 0.8 } });
		const own = metricsFor('binary', w.labels, w.scores, 2, { threshold: 0.8 });
		expect(by(decided, 'f1')?.theirs).toBeCloseTo(own.f1, 12);
	});

	test.each([
		['another target', { manifest: { ...LATE, target: 'cancelled' } }, /answers another question \("cancelled" instead of "late"\)/],
		['other classes', { manifest: { ...LATE, classes: ['no', 'perhaps'] } }, /answers another question \(no, perhaps instead of no, yes\)/],
		['another task', { manifest: { ...LATE, task: 'regression' as const, classes: [] } }, /answers another question/],
		[
			'a column that is gone',
			{ manifest: LATE, scores: new Float64Array(), lacks: ['fare'] },
			/needs the column "fare", which these data do not have/,
		],
	])('%s: not compared, and said so', async (_what, champion, text) => {
		const result = await compare(champion);
		expect(result.comparison).toBeUndefined();
		expect(result.notes).toContainEqual({ code: 'not_comparable', text: expect.stringMatching(text) });
		expect(result.gate.passed).toBe(false);
	});

	test('whose rows nobody knows: compared, and the record says so', async () => {
		const result = await compare({ seen: undefined });
		expect(result.comparison).toMatchObject({ leftOut: 0, seenUnknown: true });
		expect(result.notes).toContainEqual(expect.objectContaining({ code: 'champion_rows' }));
		expect((await compare({})).comparison?.seenUnknown).toBeUndefined();
	});
});

describe('intervals', () => {
	test('hold the truth about 95 times of 100', () => {
		// The true AUC of scores x with chance x to be positive is 5/6.
		let held = 0;
		for (let i = 0; i < 100; i++) {
			const random = murmurTwice(1000 + i);
			const scores = Float64Array.from({ length: 400 }, () => random());
			const labels = scores.map((s) => (random() < s ? 1 : 0));
			const units = rowUnits(400);
			const t = tally({ task: 'binary', classes: 2, scores, labels, threshold: 0.5, units });
			const drawn: number[] = [];
			for (const weight of draws(units.count, 200, i)) drawn.push(t.metrics(weight).auc);
			drawn.sort((a, b) => a - b);
			if (drawn[5] <= 5 / 6 && drawn[194] >= 5 / 6) held++;
		}
		expect(held).toBeGreaterThanOrEqual(88);
	});

	test('are wider where the rows of a day resemble each other', async () => {
		const random = murmurTwice(3);
		const day = Array.from({ length: 2000 }, (_, i) => Math.floor(i / 100) * DAY);
		const mood = Array.from({ length: 20 }, () => random());
		const labels = Float64Array.from(day, (d) => (random() < mood[d / DAY] ? 1 : 0));
		const frame = frameOf([SCHEMA[0]], { day });
		const input = { ...binaryInput({ frame, labels, scores: labels.map(() => 0.5 + random() / 10) }) };
		input.manifest = { ...input.manifest, signature: [] };
		const width = async (more: object) => {
			const { accuracy } = (await evaluateModel({ ...input, ...more }, silentContext())).metrics;
			return accuracy.high - accuracy.low;
		};
		expect(await width({ timeColumn: 'day' })).toBeGreaterThan(2 * (await width({})));
	});

	test('too few days are not resampled, and the record says so', async () => {
		const result = await evaluateModel(binaryInput(world(300, 5, 3), { timeColumn: 'day' }), silentContext());
		expect(result.resampled).toBe('rows');
		expect(result.notes).toContainEqual(expect.objectContaining({ code: 'few_units' }));
	});

	test('the tally of all rows agrees with the exact metrics', () => {
		const w = world(3000, 8);
		const t = tally({ task: 'binary', classes: 2, scores: w.scores, labels: w.labels, threshold: 0.5, units: rowUnits(3000) }).metrics(
			new Float64Array(3000).fill(1),
		);
		const exact = metricsFor('binary', w.labels, w.scores, 2, { threshold: 0.5 });
		for (const name of Object.keys(exact))
			expect(Math.abs(t[name] - exact[name])).toBeLessThan(name === 'average_precision' ? 5e-3 : name === 'auc' ? 1e-4 : 1e-9);
	});
});

test('several classes', async () => {
	const random = murmurTwice(6);
	const rows = 900;
	const labels = Float64Array.from({ length: rows }, () => Math.floor(random() * 3));
	const scores = new Float64Array(rows * 3);
	for (let i = 0; i < rows; i++) {
		const raw = [0, 1, 2].map((c) => random() + (labels[i] === c ? 1 : 0));
		const total = raw.reduce((s, v) => s + v, 0);
		raw.forEach((v, c) => {
			scores[i * 3 + c] = v / total;
		});
	}
	const frame = frameOf([column('city', 'category')], { city: Array.from(labels, (l) => (l === 0 ? 'a' : 'b')) });
	const manifest = {
		task: 'multiclass' as const,
		target: 'kind',
		classes: ['Adelie', 'Chinstrap', 'Gentoo'],
		threshold: 0.5,
		signature: [{ ...column('city', 'category'), required: true }],
	};
	const result = await evaluateModel({ scores, labels, frame, trainingLabels: labels, manifest }, silentContext());
	complete(result);
	expect(result.roc?.map((c) => c.label)).toEqual(['Adelie', 'Chinstrap', 'Gentoo']);
	expect(result.primary).toBe('logLoss');
	expect(result.gate.passed).toBe(true);
	expect(result.metrics.auc_ovr.low).toBeLessThan(result.metrics.auc_ovr.value);
	expect(result.threshold).toBeUndefined();
});

test('numbers: RMSE with interval, residuals, worst slices have the greatest error', async () => {
	const random = murmurTwice(7);
	const rows = 1200;
	const city = Array.from({ length: rows }, () => (random() < 0.3 ? 'wild' : 'calm'));
	const labels = Float64Array.from({ length: rows }, () => 100 * random());
	const scores = labels.map((y, i) => y + (random() - 0.5) * (city[i] === 'wild' ? 60 : 6));
	const frame = frameOf([column('city', 'category'), column('shop', 'integer', 'group')], { city, shop: city.map((_, i) => i % 40) });
	const manifest = {
		task: 'regression' as const,
		target: 'price',
		classes: [],
		threshold: 0.5,
		signature: [{ ...column('city', 'category'), required: true }],
	};
	const result = await evaluateModel({ scores, labels, frame, trainingLabels: labels, manifest, groupColumn: 'shop' }, silentContext());
	complete(result);
	expect(result.resampled).toBe('group');
	expect(result.slices[0].value).toBe('wild');
	expect(result.residuals?.residual).toHaveLength(200);
	expect(result.metrics.r2.value).toBeGreaterThan(0.8);
	expect(result.gate.reasons[0].text).toMatch(/RMSE is .* guessing gives/);
});

describe('what cannot be evaluated is said plainly', () => {
	const w = world(100, 2);
	test('no rows', async () => {
		const none = frameOf(SCHEMA, { day: [], x: [], noise: [], city: [], late: [] });
		await expect(
			evaluateModel(binaryInput({ frame: none, labels: new Float64Array(0), scores: new Float64Array(0) }), silentContext()),
		).rejects.toMatchObject({ code: 'evaluate.no_rows' });
	});
	test('scores that are no numbers, with the row as its dataset counts it', async () => {
		const frame = { ...w.frame, rowId: w.frame.rowId.map((id) => 70_000 + 3 * id) };
		await expect(
			evaluateModel(binaryInput({ ...w, frame, scores: w.scores.map((s, i) => (i === 4 ? NaN : s)) }), silentContext()),
		).rejects.toMatchObject({
			code: 'evaluate.not_comparable',
			message: 'The model gave no number for row 70013 of the dataset.',
			details: { row: 70_013 },
		});
	});
	test('one class only: the gate fails for want of a metric, nothing breaks', async () => {
		const result = await evaluateModel(binaryInput({ ...w, labels: new Float64Array(100) }), silentContext());
		complete(result);
		expect(result.gate.passed).toBe(false);
		expect(result.notes).toContainEqual(expect.objectContaining({ code: 'primary_missing' }));
	});
	test('a stop', async () => {
		await expect(evaluateModel(binaryInput(w), { ...silentContext(), cancelled: Int32Array.of(1) })).rejects.toMatchObject({
			code: 'compute.cancelled',
		});
	});
});

test('a rule about a metric that does not exist, or not for this task, is refused with a list of those that do', async () => {
	for (const metric of ['accurracy', 'rmse']) {
		await expect(
			evaluateModel(binaryInput(world(100, 2), { rules: [{ metric, kind: 'min', value: 0 }] }), silentContext()),
		).rejects.toMatchObject({ code: 'learn.parameter_invalid', details: { found: metric, expected: expect.stringContaining('accuracy') } });
	}
});
