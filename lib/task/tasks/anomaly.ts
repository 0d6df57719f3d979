import { isNumberVector, type Vector } from '../../data/frame.js';
import { outputColumn, textColumn } from '../answerColumn.js';
import { defineTask, type Answers } from '../contract.js';
import { isFlagged } from '../flag.js';
import { spreadOf } from '../spread.js';

/** What a truth column may call the two kinds of rows, in lower case. */
const ODD = ['anomaly', 'anomalous', 'outlier', 'fraud', 'yes', 'y', 'true', '1', 'ja', 'oui', 'si', 'positive', 'attack', 'defect'];
const USUAL = ['normal', 'inlier', 'ok', 'no', 'n', 'false', '0', 'nein', 'non', 'negative', 'benign', 'good'];

const WORDS = ['no', 'yes'];

/** Rows that are unlike the others, without a target: a score for each, and whether it is an anomaly. */
export const anomaly = defineTask({
	id: 'anomaly',
	label: 'Anomalies (No Target Needed)',
	description: 'How unlike the others a row is, from 0 to 1, and whether that makes it an anomaly; nothing has to be known beforehand',
	short: 'anomalies',
	finds: 'anomalies',
	says: { prediction: 'string', numbers: ['anomaly_score'] },
	labels: 'none',
	output: 'score',
	outputs: () => 1,
	primary: 'flagged',
	plain: ['flagged'],
	panels: ['anomalies'],

	readLabels: () => ({ classes: [], y: new Float64Array(0), positiveReason: '' }),
	threshold: {
		choose: () => ({ value: 0.5, reason: 'it is the score of a row that is as easy to tell apart as the average' }),
		note: (_, { value, reason }) => `A row is called an anomaly above a score of ${Number(value.toPrecision(3))}: ${reason}.`,
		meaning: () => 'Above this score the row is an anomaly.',
	},
	baseline: () => Float64Array.of(0.5),

	truth: (column) => truthOf(column),
	answer(score, { threshold }) {
		const odd = isFlagged(score[0], threshold);
		return { prediction: odd ? 'anomaly' : 'normal', own: { anomaly: odd, anomaly_score: score[0] } };
	},
	columns: (answers, { threshold }) => [outputColumn('anomaly_score', answers, 0), textColumn('anomaly', flags(answers, threshold), WORDS)],
	truthColumn: (truth) =>
		textColumn(
			'label',
			Uint32Array.from(truth, (y) => (Number.isNaN(y) ? 0 : y + 1)),
			WORDS,
		),
	summary(answers, { threshold }) {
		const [none, odd] = [1, 2].map((code) => flags(answers, threshold).reduce((n, c) => n + Number(c === code), 0));
		return {
			counts: [
				{ value: 'normal', count: none },
				{ value: 'anomaly', count: odd },
			].sort((a, b) => b.count - a.count),
			...spreadOf(answers),
			threshold: { value: threshold, positive: 'anomaly' },
		};
	},
	outputNames: ({ threshold }) => [`anomaly score; above ${threshold} the row is an anomaly`],
	conclusion({ metrics }, { percent, number }) {
		if (metrics.flagged === undefined) return undefined;
		const alike =
			metrics.agreement === undefined
				? ''
				: ` Two halves of it agree on the order of the rows by ${number(metrics.agreement)}, where 1 is the same order and 0 chance.`;
		const truth =
			metrics.auc === undefined
				? ''
				: ` It ranks a known anomaly above another row ${percent(metrics.auc)} of the time; guessing gives 50 %.`;
		return `This model calls ${percent(metrics.flagged)} of the rows anomalies.${truth}${alike}`;
	},
});

/** 0 without an answer, 1 usual, 2 an anomaly. */
const flags = ({ rows, scores, answered }: Answers, threshold: number): Uint32Array =>
	Uint32Array.from({ length: rows }, (_, i) => (answered[i] ? 1 + Number(isFlagged(scores[i], threshold)) : 0));

/** 1 for anomalies: by the words of the column, else the rarer one of two values; `undefined` where it holds something else. */
function truthOf(column: Vector): Float64Array | undefined {
	const counts = new Map<string, number>();
	const words = textsOf(column);
	for (const word of words) if (word !== undefined) counts.set(word, (counts.get(word) ?? 0) + 1);
	const found = [...counts.keys()];
	// Of numbers 0 and 1 alone say which is which.
	const named = !isNumberVector(column) || found.every((word) => word === '0' || word === '1');
	const known = (word: string): number | undefined => (!named ? undefined : ODD.includes(word) ? 1 : USUAL.includes(word) ? 0 : undefined);
	const codes = new Map<string, number>();
	if (found.length && found.length <= 2 && found.some((word) => known(word) !== undefined)) {
		// One of the two is known, so the other one is the opposite.
		const sure = found.find((word) => known(word) !== undefined)!;
		for (const word of found) codes.set(word, known(word) ?? 1 - known(sure)!);
	} else if (found.length === 2) {
		const [a, b] = found;
		const rarer = counts.get(a)! < counts.get(b)! ? a : b;
		for (const word of found) codes.set(word, Number(word === rarer));
	} else return undefined;
	return Float64Array.from(words, (word) => (word === undefined ? NaN : codes.get(word)!));
}

const textsOf = (column: Vector): Array<string | undefined> =>
	isNumberVector(column)
		? Array.from(column.data, (v) => (Number.isNaN(v) ? undefined : String(v)))
		: Array.from(column.codes, (code) => (code ? column.dictionary[code - 1].trim().toLowerCase() : undefined));
