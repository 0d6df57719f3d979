import type { ItemEvaluation } from '../domain/item.js';
import type { StoredRecord } from '../store/contract.js';
import { cutText } from '../domain/text.js';

/** Parts that an item carries. */
const MOST_PARTS = 50;

/** An evaluation as it travels on the canvas. */
export function evaluationItem({ id, body }: StoredRecord<'evaluation'>, reused: boolean): ItemEvaluation {
	return {
		id,
		rows: body.rows,
		primary: body.primary,
		baseline: body.baseline,
		gate: body.gate,
		reused,
		metrics: Object.fromEntries(Object.entries(body.metrics).map(([name, m]) => [name, m.value])),
		...(body.threshold === undefined ? {} : { threshold: body.threshold }),
		...(body.side
			? {
					sideBySide: body.side.parts
						.slice(0, MOST_PARTS)
						.map(({ value, rows, metric, low, high }) => ({ value: cutText(value, 100), rows, metric, low, high })),
				}
			: {}),
		...(body.comparison
			? { champion: { against: body.comparison.against, difference: body.comparison.difference.value, pValue: body.comparison.pValue } }
			: {}),
	};
}
