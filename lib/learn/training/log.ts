import type { JobContext } from '../../compute/contract.js';
import type { FitContext } from '../contract.js';
import type { TrainedRun } from './types.js';

/** What a training says while it runs, and what its record keeps of that. */
export interface TrainingLog {
	/** Tells people, each sentence once. */
	note(code: string, text: string): void;
	/** Does the work of one stage and remembers how long it took. */
	timed<T>(stage: string, work: () => T | Promise<T>): Promise<T>;
	/** For a fit that covers this share of the whole training; `keepCurve` for the one whose curve the record shows. */
	fitContext(from: number, to: number, keepCurve: boolean): FitContext;
	/** All so far. */
	kept(): Pick<TrainedRun, 'notes' | 'stages' | 'curve' | 'curveMetric' | 'seconds'>;
}

/** Points of a curve in the record, and while it grows. */
const KEPT_POINTS = 300;
const SHOWN_POINTS = 100;

export function createLog(seed: number, context: JobContext): TrainingLog {
	const started = performance.now();
	const notes: TrainedRun['notes'] = [];
	const stages: TrainedRun['stages'] = [];
	const curve: TrainedRun['curve'] = [];
	let curveMetric = 'loss';
	const note = (code: string, text: string): void => {
		if (notes.some((n) => n.code === code && n.text === text)) return;
		notes.push({ code, text });
		context.note(code, text);
	};
	return {
		note,
		async timed(name, work) {
			const from = performance.now();
			const result = await work();
			stages.push({ name, seconds: (performance.now() - from) / 1000 });
			return result;
		},
		fitContext: (from, to, keepCurve) => ({
			seed,
			threads: context.threads,
			memoryBytes: context.memoryBytes,
			cancelled: context.cancelled,
			note,
			progress: ({ curve: point, ...progress }) => {
				if (point && keepCurve) {
					curve.push(point);
					curveMetric = progress.metric?.name ?? curveMetric;
				}
				context.progress({
					...progress,
					...(progress.share === undefined ? {} : { share: from + (to - from) * progress.share }),
					...(keepCurve && curve.length ? { curve: { metric: curveMetric, points: thin(curve, SHOWN_POINTS) } } : {}),
				});
			},
		}),
		kept: () => ({
			notes,
			stages,
			curve: thin(curve, KEPT_POINTS),
			...(curve.length ? { curveMetric } : {}),
			seconds: (performance.now() - started) / 1000,
		}),
	};
}

/** Evenly thinned to about so many points, the last one always among them. */
function thin(curve: TrainedRun['curve'], most: number): TrainedRun['curve'] {
	const step = Math.ceil(curve.length / most);
	return curve.filter((_, i) => i % step === 0 || i === curve.length - 1);
}
