import type { JobContext } from '../compute/contract.js';
import type { Frame } from '../data/frame.js';
import { featureText } from '../domain/text.js';
import type { Evaluated } from '../evaluate/evaluateModel.js';
import { evaluateWithoutLabels, type UnlabelledInput } from '../evaluate/withoutLabels.js';
import type { LoadedModel } from '../learn/score.js';
import { reasonsInWords, strongest } from '../serve/predictor.js';
import type { EvaluatedRows } from './evaluatedRows.js';
import { explainRows } from './explainRows.js';

/** Reasons kept a row. */
const REASONS = 3;
/** A reason that moved the score less than this share of the strongest one is not said. */
const WORTH_SAYING = 0.15;

/** A value as people read it. */
const readable = (value: unknown): unknown => (typeof value !== 'number' ? value : Number(value.toPrecision(6)));

/** Judges a model of a task without labels; `learned` are the rows that it learned from. */
export async function judgeWithoutLabels(
	model: LoadedModel,
	rows: EvaluatedRows,
	scores: Float64Array,
	learned: Frame,
	input: Pick<UnlabelledInput, 'primary' | 'timeColumn' | 'groupColumn' | 'copied' | 'rules' | 'asked'>,
	context: JobContext,
): Promise<Evaluated> {
	const explain = explainRows(rows.frame, model);
	const words = reasonsInWords(model);
	return evaluateWithoutLabels(
		{
			...input,
			scores,
			truth: rows.labels,
			frame: rows.frame,
			learned: await model.scoreFrame(learned, { threads: context.threads }),
			halves: await model.scoreByHalves?.(rows.frame),
			manifest: model.manifest,
			judged: rows.judged,
			...(explain
				? {
						reasons: (row: number) => {
							const all = words(strongest(explain(row).contributions?.() ?? [], REASONS));
							return (
								all
									// What speaks for a usual row, or hardly for an odd one, is no reason.
									.filter(({ contribution }) => contribution > 0 && contribution >= WORTH_SAYING * all[0].contribution)
									.map(({ feature, value, usual }) => ({
										feature,
										text: `${featureText(feature, readable(value))}${usual ? ` (${usual})` : ''}`,
									}))
							);
						},
					}
				: {}),
		},
		context,
	);
}
