import { murmurTwice } from '../../domain/random.js';
import { rocArea, orderByScore } from '../../task/metrics/ranks.js';
import { shuffled } from '../../task/statistics/sampling.js';
import { fitIsotonic, heightAt, type RisingLine } from './isotonic.js';

/** How a class's score becomes its probability; null: the score is one already. */
export type Calibrator = RisingLine | null;

/** Rows whose truth is known. */
export interface KnownScores {
	/** Class codes. */
	labels: Float64Array;
	/** Row-major, `outputs` a row. */
	scores: Float64Array;
	outputs: number;
	classes: number;
}

const FOLDS = 10;
const BINS = 10;
/** A score that tells the classes apart so well leaves nothing to learn. */
const PERFECT = 0.999;

/** Score of a class: of two classes the positive one has all of it. */
export function classScore({ scores, outputs }: Pick<KnownScores, 'scores' | 'outputs'>, c: number): Float64Array {
	if (outputs === 1) return scores;
	return Float64Array.from({ length: scores.length / outputs }, (_, i) => scores[i * outputs + c]);
}

/** One calibrator a score: of two classes that of the positive one, else one a class against the others. */
export const fitCalibrators = (known: KnownScores): Calibrator[] =>
	(known.outputs === 1 ? [1] : Array.from({ length: known.classes }, (_, c) => c)).map((c) => {
		const score = classScore(known, c);
		const hit = Uint8Array.from(known.labels, (y) => (y === c ? 1 : 0));
		return needsCalibration(score, hit) ? fitIsotonic(score, hit) : null;
	});

/**
 * Whether a calibrator makes probabilities truer: it is fitted on nine tenths of the rows and asked about the last tenth, ten times, and
 * its calibration error there is compared with that of the scores themselves. NannyML's rule, with folds that repeat.
 */
export function needsCalibration(score: Float64Array, hit: Uint8Array): boolean {
	const hits = hit.reduce((n, h) => n + h, 0);
	if (hits === 0 || hits === hit.length || hit.length < 2 * FOLDS) return false;
	if (rocArea(hit, score) > PERFECT) return false;
	const fold = new Uint8Array(hit.length);
	const counts = [0, 0];
	// Each class is dealt out in turn, so that each fold has its share.
	for (const row of shuffled(hit.length, murmurTwice(42))) fold[row] = counts[hit[row]]++ % FOLDS;
	const calibrated = new Float64Array(hit.length);
	for (let f = 0; f < FOLDS; f++) {
		const line = fitIsotonic(
			score.filter((_, i) => fold[i] !== f),
			hit.filter((_, i) => fold[i] !== f),
		);
		for (let i = 0, end = hit.length; i < end; i++) if (fold[i] === f) calibrated[i] = heightAt(line, score[i]);
	}
	return calibrationError(score, hit) > calibrationError(calibrated, hit);
}

/** Mean distance between probability and share of hits, over bins of equally many rows. */
function calibrationError(probability: Float64Array, hit: Uint8Array): number {
	const order = orderByScore(probability).reverse();
	let error = 0;
	for (let b = 0; b < BINS; b++) {
		let difference = 0;
		const end = Math.floor(((b + 1) * order.length) / BINS);
		for (let i = Math.floor((b * order.length) / BINS); i < end; i++) difference += probability[order[i]] - hit[order[i]];
		error += Math.abs(difference) / order.length;
	}
	return error;
}

/**
 * Probability of each class, row-major `classes` a row: calibrated scores, which are made to add up to 1; all alike where none is above 0.
 */
export function calibrated({ scores, outputs, classes }: Omit<KnownScores, 'labels'>, calibrators: readonly Calibrator[]): Float64Array {
	const rows = scores.length / outputs;
	const out = new Float64Array(rows * classes);
	const at = (k: number, score: number): number => {
		const line = calibrators[k];
		return Math.min(1, Math.max(0, line ? heightAt(line, score) : score));
	};
	for (let i = 0; i < rows; i++) {
		if (outputs === 1) {
			out[2 * i + 1] = at(0, scores[i]);
			out[2 * i] = 1 - out[2 * i + 1];
			continue;
		}
		let sum = 0;
		for (let c = 0; c < classes; c++) sum += out[i * classes + c] = at(c, scores[i * outputs + c]);
		for (let c = 0; c < classes; c++) out[i * classes + c] = sum > 0 ? out[i * classes + c] / sum : 1 / classes;
	}
	return out;
}
