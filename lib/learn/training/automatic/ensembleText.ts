import { metricById } from '../../../task/metrics/index.js';
import type { Calibration } from '../../ensemble/answerCalibration.js';
import type { Combined } from './combine.js';

const CALIBRATIONS = { temperature: 'by temperature', beta: 'by beta calibration', isotonic: 'by isotonic regression' } as const;
const share = (weight: number): string => `${Math.round(100 * weight)} %`;
const figure = (value: number): string => String(Number(value.toPrecision(4)));

/** How probabilities were put right, in plain words. */
export const calibrationText = ({ kind }: Calibration): string =>
	`Probabilities were put right ${CALIBRATIONS[kind]}, which keeps the order of the rows.`;

/** Who the members are, in plain words, how often each is fitted, and what one alone would lose. */
export function ensembleText({ members, calibration, value, alone }: Combined, metric: string, repeats: number): string {
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
	const label = metricById(metric)?.label ?? metric;
	return (
		`The answer is the weighted mean of ${members.length} models: ${names.join(', ')}.${again}${calibrated} ` +
		`The best of them alone would have ${label} ${figure(alone)} instead of ${figure(value)} on rows that were not learned from; ` +
		'"One Fast Model Only" trains it so.'
	);
}
