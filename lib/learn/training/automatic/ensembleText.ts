import { metricById } from '../../../task/metrics/index.js';
import type { Learner } from '../../contract.js';
import type { Calibration } from '../../ensemble/answerCalibration.js';
import type { Combined } from './combine.js';

const CALIBRATIONS = { temperature: 'by temperature', beta: 'by beta calibration', isotonic: 'by isotonic regression' } as const;
const share = (weight: number): string => `${Math.round(100 * weight)} %`;
const figure = (value: number): string => String(Number(value.toPrecision(4)));

/** A candidate by itself. */
export interface First {
	learner: Pick<Learner, 'label'>;
	value?: number;
}

/** How probabilities were put right, in plain words. */
export const calibrationText = ({ kind }: Calibration): string =>
	`Probabilities were put right ${CALIBRATIONS[kind]}, which keeps the order of the rows.`;

/**
 * Who the members are, in plain words, how often each is fitted, and what one alone would lose.
 * @param first of the leaderboard, with its figure on the rows that judged all: what is trained where one model alone is wished, which need
 * not be the one that was compared with
 */
export function ensembleText({ members, calibration, value, alone }: Combined, metric: string, repeats: number, first: First): string {
	const weights = new Map<string, { count: number; weight: number }>();
	for (const { candidate, weight } of members) {
		const { label } = candidate.learner;
		const known = weights.get(label) ?? { count: 0, weight: 0 };
		weights.set(label, { count: known.count + 1, weight: known.weight + weight });
	}
	const names = [...weights]
		.sort((a, b) => b[1].weight - a[1].weight)
		.map(([label, { count, weight }]) => `${count > 1 ? `${count} times ${label.toLowerCase()}` : label.toLowerCase()} (${share(weight)})`);
	const calibrated = calibration ? ` ${calibrationText(calibration)}` : '';
	const again = repeats > 1 ? ` Where chance plays a part in learning, a model is the mean of ${repeats} fits.` : '';
	if (members.length === 1) return `The model is ${names[0].replace(/ \(.*/, '')}.${again}${calibrated}`;
	const mean = `The answer is the weighted mean of ${members.length} models: ${names.join(', ')}.`;
	return `${mean}${again}${calibrated} ${lost(value, alone, metric)} ${oneOnly(first, metric)}`;
}

/**
 * What one model alone would lose. A metric that looks at the order of the rows alone may say nothing: the mean was chosen for its
 * probabilities then (see `worth` in combine.ts).
 */
function lost(value: number, alone: number, metric: string): string {
	const { label, better } = metricById(metric) ?? { label: metric, better: 'higher' };
	const [mean, one] = apart(value, alone);
	if (mean !== one && (better === 'lower') === alone > value)
		return `The best of them alone would have ${label} ${one} instead of ${mean} on rows that were not learned from.`;
	return (
		`By ${label} the best of them alone would do as well on rows that were not learned from (${one}, the mean ${mean}): the mean was ` +
		'taken for its probabilities, which are nearer to the truth.'
	);
}

/** What the option gives, with the figure that a training with it tells. */
function oneOnly({ learner, value }: First, metric: string): string {
	const { label } = metricById(metric) ?? { label: metric };
	return (
		`"One Fast Model Only" trains the first of the leaderboard, ${learner.label.toLowerCase()}` +
		`${value === undefined ? '' : `: ${label} ${figure(value)} on the rows that made it the first`}.`
	);
}

/** Two figures with as many digits as tell them apart, within reason. */
function apart(one: number, other: number): [string, string] {
	for (let digits = 4; digits < 7; digits++) {
		const texts = [one, other].map((v) => String(Number(v.toPrecision(digits))));
		if (texts[0] !== texts[1]) return [texts[0], texts[1]];
	}
	return [figure(one), figure(other)];
}
