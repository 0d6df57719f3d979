import type { TaskType } from '../../lib/domain/column';
import { GATE_VERSION } from '../../lib/domain/evaluation';
import { silentContext } from '../../lib/domain/progress';
import { evaluateModel, type EvaluateInput } from '../../lib/evaluate/evaluateModel';
import { murmurTwice } from '../../lib/domain/random';
import { frameOf } from '../data/frames';

/** An evaluation of scores that have nothing to do with the labels. `shares` of the classes, or none for numbers; `levels` makes ties. */
function noise(
	seed: number,
	rows: number,
	shares: number[],
	{ levels = 0, heavy = false }: { levels?: number; heavy?: boolean } = {},
): EvaluateInput {
	const random = murmurTwice(seed);
	const task: TaskType = shares.length === 0 ? 'regression' : shares.length === 2 ? 'binary' : 'multiclass';
	const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
	const draw = (): number => {
		if (task === 'regression') return heavy ? Math.exp(1.5 * normal()) : normal();
		let at = random();
		let c = 0;
		while (c < shares.length - 1 && at >= shares[c]) at -= shares[c++];
		return c;
	};
	const round = (x: number): number => (levels ? Math.round(x * levels) / levels : x);
	const labels = Float64Array.from({ length: rows }, draw);
	const trainingLabels = Float64Array.from({ length: 4 * rows }, draw);
	const scores = new Float64Array(rows * (task === 'multiclass' ? shares.length : 1));
	if (task === 'regression') for (let i = 0; i < rows; i++) scores[i] = draw() * 0.5 + (heavy ? 1.5 : 0);
	else if (task === 'binary') for (let i = 0; i < rows; i++) scores[i] = round(random());
	else {
		// Near the shares, so that the log loss is near that of guessing.
		const k = shares.length;
		for (let i = 0; i < rows; i++) {
			const raw = shares.map((s) => s * Math.exp(0.3 * normal()));
			const all = raw.reduce((a, b) => a + b, 0);
			raw.forEach((r, c) => {
				scores[i * k + c] = r / all;
			});
		}
	}
	const classes = shares.map((_, c) => `c${c}`);
	const x = { name: 'x', type: 'number' as const, role: 'feature' as const };
	return {
		scores,
		labels,
		trainingLabels,
		frame: frameOf([x], { x: Array.from(labels, () => random()) }),
		manifest: { task, target: 'y', classes, threshold: task === 'binary' ? shares[1] : 0.5, signature: [{ ...x, required: true }] },
	};
}

const rare = (share: number): number[] => [1 - share, share];
const CASES: Array<[string, (seed: number) => EvaluateInput]> = [
	['300 rows, about one positive', (s) => noise(s, 300, rare(0.004))],
	['300 rows, about six positive', (s) => noise(s, 300, rare(0.02))],
	['60 rows, one in ten positive', (s) => noise(s, 60, rare(0.1))],
	['40 rows, balanced', (s) => noise(s, 40, rare(0.5))],
	['30 rows, nearly all positive', (s) => noise(s, 30, rare(0.8))],
	['500 rows, one in fifty positive, scores in ten levels', (s) => noise(s, 500, rare(0.02), { levels: 10 })],
	['1,200 rows, three in ten positive', (s) => noise(s, 1200, rare(0.3))],
	['200 rows, balanced', (s) => noise(s, 200, rare(0.5))],
	['90 rows of three classes', (s) => noise(s, 90, [0.6, 0.3, 0.1])],
	['400 rows of five classes', (s) => noise(s, 400, [0.4, 0.3, 0.2, 0.07, 0.03])],
	['50 rows of numbers', (s) => noise(s, 50, [])],
	['25 rows of numbers with a heavy tail', (s) => noise(s, 25, [], { heavy: true })],
];

const passed = async (input: EvaluateInput): Promise<boolean> => (await evaluateModel(input, silentContext())).gate.passed;

test('of 1,000 evaluations of random scores at most 3.5 % pass the gate', async () => {
	const passes = new Map<string, number>();
	for (let i = 0; i < 1000; i++) {
		const [name, make] = CASES[i % CASES.length];
		if (await passed(make(i))) passes.set(name, (passes.get(name) ?? 0) + 1);
	}
	expect([...passes.values()].reduce((a, b) => a + b, 0)).toBeLessThanOrEqual(35);
	// No kind of table may hide behind the others: of its 83 evaluations, more than 5 is p < 0.001 at 1.25 %.
	expect(Math.max(0, ...passes.values())).toBeLessThanOrEqual(5);
}, 120_000);

test.each(['auc', 'average_precision', 'f1', 'mcc', 'balanced_accuracy', 'precision', 'accuracy', 'brier'])(
	'the same by %s, the metric that a person chose',
	async (primary) => {
		let passes = 0;
		for (let i = 0; i < 60; i++)
			if (await passed({ ...noise(9000 + i, 250, rare(0.04)), primary, rules: [{ metric: primary, kind: 'baseline', value: 0.0001 }] }))
				passes++;
		expect(passes).toBeLessThanOrEqual(4); // p < 0.002 at 1.25 %
	},
);

describe('too few to judge', () => {
	test('one positive test row: refused with what is missing and what to do, whatever the rules, and its AUC is not certain', async () => {
		const labels = new Float64Array(300);
		labels[7] = 1;
		const scores = Float64Array.from({ length: 300 }, (_, i) => (i === 7 ? 0.9 : i / 400));
		const input = { ...noise(1, 300, rare(0.01)), labels, scores };
		for (const rules of [[], [{ metric: 'auc', kind: 'min' as const, value: 0.5 }]]) {
			const result = await evaluateModel({ ...input, rules }, silentContext());
			expect(result.gate).toMatchObject({ passed: false, refused: true });
			expect(result.gate.reasons[0].text).toMatch(/only 1 of "c1".*fewer than 5.*Bring in more rows/);
			expect(result.metrics.auc).toMatchObject({ value: 1, high: 1 });
			expect(result.metrics.auc.low).toBeLessThan(0.5);
			expect(result.metrics.recall.low).toBeLessThan(0.05);
			expect(result.gateVersion).toBe(GATE_VERSION);
		}
	});

	test('five positive rows that are all found pass: the test knows good from lucky', async () => {
		const labels = Float64Array.from({ length: 200 }, (_, i) => (i < 5 ? 1 : 0));
		const scores = Float64Array.from({ length: 200 }, (_, i) => (i < 5 ? 0.9 : i / 400));
		expect((await evaluateModel({ ...noise(1, 200, rare(0.01)), labels, scores }, silentContext())).gate.passed).toBe(true);
	});

	test('of several classes a rare one is named, and stops only metrics in which it counts like the others', async () => {
		const labels = Float64Array.from({ length: 203 }, (_, i) => (i < 100 ? 0 : i < 200 ? 1 : 2));
		const scores = Float64Array.from({ length: 609 }, (_, i) => (i % 3 === labels[Math.floor(i / 3)] ? 0.8 : 0.1));
		const input = { ...noise(1, 203, [0.5, 0.48, 0.02]), labels, scores };
		const byLoss = await evaluateModel(input, silentContext());
		expect(byLoss.gate.passed).toBe(true);
		expect(byLoss.notes).toContainEqual({ code: 'few_of_a_class', text: expect.stringContaining('3 of "c2"') });
		expect(
			(await evaluateModel({ ...input, rules: [{ metric: 'balanced_accuracy', kind: 'min', value: 0.5 }] }, silentContext())).gate,
		).toMatchObject({ passed: false, refused: true });
	});

	test('eight rows of numbers are too few', async () => {
		const input = noise(3, 8, []);
		expect((await evaluateModel({ ...input, scores: input.labels.slice() }, silentContext())).gate).toMatchObject({
			passed: false,
			refused: true,
		});
	});

	test('a champion is not beaten on three rows of a class', async () => {
		const input = { ...noise(5, 100, rare(0.03)), labels: Float64Array.from({ length: 100 }, (_, i) => (i < 3 ? 1 : 0)) };
		const scores = Float64Array.from(input.labels, (y, i) => y * 0.5 + i / 400);
		const champion = {
			name: 'late@1',
			manifest: input.manifest,
			scores: Float64Array.from({ length: 100 }, (_, i) => i / 100),
			seen: new Uint8Array(100),
		};
		const result = await evaluateModel(
			{ ...input, scores, champion, rules: [{ metric: 'auc', kind: 'champion', value: 0 }] },
			silentContext(),
		);
		expect(result.comparison).toBeUndefined();
		expect(result.gate.passed).toBe(false);
	});
});

describe('noise that rows of one group share', () => {
	/** Groups of one label (or days of one mood) each, whose rows score alike, the two by themselves. */
	function grouped(seed: number, groups: number, rows: number, by: 'group' | 'day'): EvaluateInput {
		const random = murmurTwice(seed);
		const own = Array.from({ length: groups }, () => ({ label: random() < 0.4 ? 1 : 0, score: random() }));
		const of = (i: number): { label: number; score: number } => own[Math.floor(i / rows)];
		const index = Array.from({ length: groups * rows }, (_, i) => i);
		const labels = Float64Array.from(index, (i) => (by === 'group' ? of(i).label : random() < 0.3 + 0.4 * of(i).label ? 1 : 0));
		const unit = {
			name: 'unit',
			type: by === 'group' ? ('category' as const) : ('datetime' as const),
			role: by === 'group' ? ('group' as const) : ('time' as const),
		};
		return {
			...noise(seed, index.length, rare(0.5)),
			labels,
			trainingLabels: labels,
			scores: Float64Array.from(index, (i) => 0.7 * of(i).score + 0.3 * random()),
			frame: frameOf([unit], { unit: index.map((i) => (by === 'group' ? `g${Math.floor(i / rows)}` : Math.floor(i / rows) * 86_400_000)) }),
			...(by === 'group' ? { groupColumn: 'unit' } : { timeColumn: 'unit' }),
		};
	}
	test.each<[number, 'group' | 'day']>([
		[4, 'group'],
		[6, 'group'],
		[9, 'group'],
		[20, 'group'],
		[5, 'day'],
		[10, 'day'],
	])('%d of a %s: hardly any passes', async (groups, by) => {
		let passes = 0;
		for (let i = 0; i < 60; i++) if (await passed(grouped(700 + i, groups, 30, by))) passes++;
		expect(passes).toBeLessThanOrEqual(4); // p < 0.002 at 1.25 %
	});
	test.each<[string, number, (i: number) => number]>([
		['every row five times', 30, () => 5],
		['every row twice', 60, () => 2],
		['some rows fifty times', 60, (i) => (i < 4 ? 50 : 1)],
	])('%s, with an id of its own: hardly any passes', async (_what, distinct, times) => {
		const x = { name: 'x', type: 'number' as const, role: 'feature' as const };
		let passes = 0;
		for (let i = 0; i < 60; i++) {
			const random = murmurTwice(300 + i);
			const own = Array.from({ length: distinct }, (_, k) => ({ k, label: random() < 0.4 ? 1 : 0, score: random() }));
			const rows = own.flatMap((one, k) => Array.from({ length: times(k) }, () => one));
			const index = rows.map((_, r) => r);
			const frame = frameOf([{ name: 'id', type: 'integer', role: 'id' }, x], { id: index, x: rows.map(({ k }) => k / 7) });
			const labels = Float64Array.from(rows, (r) => r.label);
			const input = {
				...noise(i, rows.length, rare(0.5)),
				labels,
				trainingLabels: labels,
				scores: Float64Array.from(rows, (r) => r.score),
				frame,
				copied: true,
			};
			if (await passed(input)) passes++;
		}
		expect(passes).toBeLessThanOrEqual(4); // p < 0.002 at 1.25 %
	});
	test('one positive row and its fifty copies are one positive row', async () => {
		const base = noise(1, 150, rare(0.5));
		const labels = Float64Array.from({ length: 150 }, (_, i) => (i < 51 ? 1 : 0));
		const frame = frameOf([{ name: 'x', type: 'number', role: 'feature' }], { x: Array.from(labels, (y, i) => (y ? -1 : i / 7)) });
		const result = await evaluateModel(
			{ ...base, labels, scores: Float64Array.from(labels, (y) => 0.1 + 0.8 * y), frame },
			silentContext(),
		);
		expect(result.gate).toMatchObject({
			passed: false,
			refused: true,
			reasons: [{ passed: false, text: expect.stringMatching(/Among the 100 different test rows are only 1 of "c1"/) }],
		});
		expect(result.resampled).toBe('copies');
		expect(result.notes).toContainEqual({ code: 'copies_together', text: expect.stringContaining('150 test rows are 100 different ones') });
	});
	test('three groups are too few to judge', async () => {
		expect((await evaluateModel(grouped(1, 3, 100, 'group'), silentContext())).gate).toMatchObject({ passed: false, refused: true });
	});
});
