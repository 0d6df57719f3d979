import { filledForOneClass, leaks, oneSpelling, type TargetSample } from '../../data/profile/leakage.js';
import { takenVectors } from '../../data/derived.js';
import { vectorOf, type Frame } from '../../data/frame.js';
import { answersOf } from '../../domain/column.js';
import { evenSample } from '../../task/statistics/sampling.js';
import type { Target } from '../../task/contract.js';

/** Of more rows a sample says as well what a column tells by itself, within the budget's time. */
const LOOKED_AT = 20_000;

/**
 * What to say of columns that a model uses though one of them alone gives the answer: it has values for one class alone, repeats the
 * answer, or tells it nearly perfectly. Nobody who chose the target in Train was told by Ingest.
 */
export function givenAway(frame: Frame, target: Target, learned: Uint32Array, used: ReadonlyArray<{ name: string }>): string[] {
	if (answersOf(target.task) === 'nothing') return [];
	const all = answersIn(frame.rows, target, learned);
	const rows = evenSample(learned, LOOKED_AT, 0);
	const sampled: TargetSample = { ...all, y: Float64Array.from(rows, (i) => all.y[i]) };
	const of = rows.length < learned.length ? `Of ${rows.length.toLocaleString('en')} rows, drawn at random: ` : '';
	return used.flatMap(({ name }) => {
		const vector = vectorOf(frame, name);
		const gaps = filledForOneClass(name, vector, all, target.name);
		if (gaps) return [`${gaps.text} ${gaps.remedy}`];
		const leak = leaks(name, takenVectors([vector], rows)[0], sampled, target.name);
		return leak ? [`${of}${leak.text} ${leak.remedy}`] : [];
	});
}

/** The answers of the rows that were learned from, those of others NaN; spellings of one label are one class. */
function answersIn(rows: number, { classes, y }: Target, learned: Uint32Array): TargetSample {
	const known = new Float64Array(rows).fill(NaN);
	if (!classes.length) {
		for (const i of learned) known[i] = y[i];
		return { y: known, classes: 0, names: [] };
	}
	const labels = classes.map((label) => (typeof label === 'boolean' ? (label ? 'yes' : 'no') : String(label)));
	const counts = new Map(labels.map((label) => [label, 0]));
	for (const i of learned) if (!Number.isNaN(y[i])) counts.set(labels[y[i]], counts.get(labels[y[i]])! + 1);
	const { place, names } = oneSpelling(counts);
	for (const i of learned) known[i] = Number.isNaN(y[i]) ? NaN : place.get(labels[y[i]])!;
	return { y: known, classes: names.length, names };
}
