import type { EvaluationRecord } from '../domain/evaluation.js';
import type { Scored } from '../task/metrics/scored.js';
import { calibrationOf, curvesOf, residualsOf } from './curves.js';

type Figures = Pick<EvaluationRecord, 'confusion' | 'roc' | 'pr' | 'calibration' | 'residuals'>;

const MOST_CURVES = 10;
/** Rows that a group of the calibration has at least: of three rows a third is no promise broken. */
const CALIBRATION_ROWS = 10;

/** Figures by the panel that shows them. */
const FIGURES = new Map<string, (scored: Scored, classes: string[]) => Figures>([
	['curves', curves],
	[
		'confusion',
		({ matrix }, classes) => {
			const k = classes.length;
			return { confusion: { labels: classes, counts: classes.map((_, i) => [...matrix.subarray(i * k, (i + 1) * k)]) } };
		},
	],
	[
		'calibration',
		({ y, p, rows }) => ({ calibration: calibrationOf(y, p, Math.max(1, Math.min(10, Math.floor(rows / CALIBRATION_ROWS)))) }),
	],
	['residuals', ({ y, p }) => ({ residuals: residualsOf(y, p) })],
]);

/** What the panels of a task show of these rows, beside what all have. */
export const figuresOf = (panels: readonly string[], scored: Scored, classes: string[]): Figures =>
	Object.assign({}, ...panels.map((panel) => FIGURES.get(panel)?.(scored, classes))) as Figures;

/** ROC and precision-recall curve of the positive class, or of each. */
function curves({ y, p, outputs, rows }: Scored, classes: string[]): Figures {
	const shown = outputs === 1 ? [1] : classes.map((_, c) => c).slice(0, MOST_CURVES);
	const found = shown.flatMap((c) => {
		const own = outputs === 1 ? p : Float64Array.from({ length: rows }, (_, i) => p[i * outputs + c]);
		const both = curvesOf((row) => y[row] === c, own);
		return both ? [{ label: classes[c], ...both }] : [];
	});
	return { roc: found.map(({ label, roc }) => ({ ...roc, label })), pr: found.map(({ label, pr }) => ({ ...pr, label })) };
}
