import type { ColumnSchema } from '../../lib/domain/column';
import { silentContext } from '../../lib/domain/progress';
import { PART } from '../../lib/domain/split';
import type { Frame } from '../../lib/data/frame';
import { takeRows } from '../../lib/data/takeRows';
import { readTarget } from '../../lib/task/readTarget';
import { evaluateModel } from '../../lib/evaluate/evaluateModel';
import { murmurTwice } from '../../lib/domain/random';
import { loadModel } from '../../lib/learn/score';
import { trainModel } from '../../lib/learn/trainModel';
import { specOf, untilTried } from '../learn/penguins';
import { frameOf } from '../data/frames';

/**
 * A table whose target has nothing to do with its columns: numbers, few and many categories, gaps. `classes` gives how many rows of each
 * class; none: numbers.
 */
function noiseTable(seed: number, rows: number, classes: number[]): Frame {
	const random = murmurTwice(seed);
	const schema: ColumnSchema[] = [
		{ name: 'a', type: 'number', role: 'feature' },
		{ name: 'b', type: 'number', role: 'feature' },
		{ name: 'c', type: 'integer', role: 'feature' },
		{ name: 'd', type: 'category', role: 'feature' },
		{ name: 'e', type: 'category', role: 'feature' },
		{ name: 'y', type: classes.length ? 'category' : 'number', role: 'target' },
	];
	const column = (of: () => unknown): unknown[] => Array.from({ length: rows }, of);
	const labels = classes.flatMap((n, k) => Array.from({ length: n }, () => `class ${k}`));
	while (classes.length && labels.length < rows) labels.push(`class ${classes.length}`);
	return frameOf(schema, {
		a: column(random),
		b: column(() => (random() < 0.1 ? null : random() ** 3)),
		c: column(() => Math.floor(random() * 12)),
		d: column(() => `d${Math.floor(random() * 4)}`),
		e: column(() => `e${Math.floor(random() * 60)}`),
		y: classes.length
			? labels
					.map((text) => ({ text, at: random() }))
					.sort((x, z) => x.at - z.at)
					.map(({ text }) => text)
			: column(() => random() + random()),
	});
}

const KINDS: Array<[rows: number, classes: number[]]> = [
	[1500, [6]],
	[300, [20]],
	[150, [60]],
	[400, [150]],
	[240, [40, 80]],
	[200, []],
];

/** Trains and evaluates as the nodes do by default, on the rows that the split keeps apart. */
async function judged(frame: Frame, learner: string): Promise<boolean> {
	const {
		package: bytes,
		manifest,
		parts,
		run,
	} = await trainModel(frame, specOf({ target: 'y', learner, timeBudgetSeconds: 3600 }), untilTried(6));
	const model = await loadModel(bytes);
	const { y } = readTarget(frame, 'y', { task: run.task, positiveClass: run.task === 'binary' ? String(manifest.classes[1]) : undefined });
	const at = (...wanted: number[]): Uint32Array => Uint32Array.from(parts.keys()).filter((i) => wanted.includes(parts[i]));
	const test = at(PART.test);
	const rows = takeRows(frame, test);
	const of = (index: Uint32Array): Float64Array => Float64Array.from(index, (i) => y[i]);
	const result = await evaluateModel(
		{
			scores: await model.scoreFrame(rows),
			labels: of(test),
			frame: rows,
			trainingLabels: of(at(PART.train, PART.validation)),
			manifest,
			primary: run.primary,
		},
		silentContext(),
	);
	return result.gate.passed;
}

test('of 60 tables of noise, trained and evaluated by default, at most 3 pass the gate', async () => {
	let passed = 0;
	for (let i = 0; i < 60; i++) {
		const [rows, classes] = KINDS[i % KINDS.length];
		if (await judged(noiseTable(i, rows, classes), i % 10 === 9 ? 'automatic' : 'gradientBoosting')) passed++;
	}
	expect(passed).toBeLessThanOrEqual(3);
}, 240_000);

test('1,500 rows of noise with six positives never pass: too few to judge', async () => {
	for (let seed = 100; seed < 106; seed++) expect(await judged(noiseTable(seed, 1500, [6]), 'logisticRegression')).toBe(false);
}, 60_000);

test('a table with something to learn passes, with forty rows of its rare class', async () => {
	const frame = noiseTable(7, 600, [40]);
	const a = (frame.vectors[0] as { data: Float64Array }).data;
	const y = frame.vectors[5] as { codes: Uint32Array; dictionary: readonly string[] };
	y.codes.forEach((code, i) => {
		a[i] = y.dictionary[code - 1] === 'class 0' ? 0.9 + a[i] / 10 : a[i] * 0.93;
	});
	expect(await judged(frame, 'gradientBoosting')).toBe(true);
});
