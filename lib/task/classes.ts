import { formatOf } from '../data/format.js';
import { isNumberVector, type Vector } from '../data/frame.js';
import { booleanText } from '../data/grammar/boolean.js';
import type { ColumnSchema } from '../domain/column.js';
import { outputColumn, textColumn } from './answerColumn.js';
import type { Answering, Answers, AnswerSummary, ClassLabel, FileColumn, Labels } from './contract.js';
import { invalidTarget, type TargetValues } from './targetValues.js';

/** What tasks have in common whose answers are classes. */

/** Position of the predicted class. */
export type Decide = (score: ArrayLike<number>, threshold: number) => number;

const MOST_CLASSES = 1000;

/** Classes in the given order (places of `values`), and the code of each row. @throws `learn.target_invalid` */
export function classLabels({ column, values, code, present }: TargetValues, order: readonly number[]): Omit<Labels, 'positiveReason'> {
	if (present.length > MOST_CLASSES)
		throw invalidTarget(
			column,
			'at most 1,000 classes',
			`${present.length} different values`,
			'Choose the task "Number (Regression)", or group the values.',
		);
	const place = new Float64Array(values.length).fill(NaN);
	order.forEach((k, at) => {
		place[k] = at;
	});
	const y = new Float64Array(code.length);
	for (let i = 0, n = y.length; i < n; i++) y[i] = code[i] < 0 ? NaN : place[code[i]];
	const classes = order.map((k) => values[k]);
	return { classes, words: classWords(classes, column), y };
}

/**
 * Classes as people wrote them: yes and no by the words of the target's column, all else, and those of a column that nobody knows, as they
 * are. Callers get the classes themselves.
 */
export function classWords(classes: readonly ClassLabel[], column: ColumnSchema | undefined): string[] {
	const format = column?.type === 'boolean' ? formatOf(column) : {};
	const written = booleanText(format);
	return classes.map((label) => (typeof label === 'boolean' ? written(Number(label)) : String(label)));
}

/** The codes of rows that came later, by the classes that a model knows. */
export function classCodes(column: Vector, classes: readonly ClassLabel[]): Float64Array {
	if (isNumberVector(column)) {
		// Booleans lie in frames as 0 and 1.
		const index = new Map(classes.map((c, i) => [Number(c), i]));
		return Float64Array.from(column.data, (v) => index.get(v) ?? NaN);
	}
	const index = new Map(classes.map((c, i) => [String(c), i]));
	const map = [NaN, ...column.dictionary.map((d) => index.get(d) ?? NaN)];
	return Float64Array.from(column.codes, (c) => map[c]);
}

export const classColumn = (truth: Float64Array, { classes }: Answering): FileColumn =>
	textColumn(
		'label',
		Uint32Array.from(truth, (y) => (Number.isNaN(y) ? 0 : y + 1)),
		classes.map(String),
	);

function decidedCodes({ rows, scores, outputs, answered }: Answers, threshold: number, decide: Decide): Uint32Array {
	const codes = new Uint32Array(rows);
	for (let i = 0; i < rows; i++) if (answered[i]) codes[i] = decide(scores.subarray(i * outputs, (i + 1) * outputs), threshold) + 1;
	return codes;
}

/** The predicted class, then the probability of the positive one or of each. */
export function classColumns(answers: Answers, model: Answering, decide: Decide): FileColumn[] {
	const classes = model.classes.map(String);
	return [
		textColumn('prediction', decidedCodes(answers, model.threshold, decide), classes),
		...(answers.outputs === 1
			? [outputColumn('probability', answers, 0)]
			: classes.map((c, k) => outputColumn(`probability ${c}`, answers, k))),
	];
}

/** How often each class was the answer, the most frequent first. */
export function classCounts(answers: Answers, model: Answering, decide: Decide): NonNullable<AnswerSummary['counts']> {
	const counts = model.classes.map((c) => ({ value: String(c), count: 0 }));
	for (const code of decidedCodes(answers, model.threshold, decide)) if (code > 0) counts[code - 1].count++;
	return counts.sort((a, b) => b.count - a.count);
}

export const probabilityNames = (target: string, classes: readonly ClassLabel[]): string[] =>
	classes.map((label) => `probability that ${target} is ${String(label)}`);

/** What the target's positive case is called in a sentence: `late = yes`, or just the class where that says it all. */
export const caseName = (target: string, label: string): string =>
	/^(0|1|true|false|yes|no|y|n|t|f|on|off|ja|nein|j|oui|non|s[ií]|wahr|falsch)$/i.test(label) ? `${target} = ${label}` : label;
