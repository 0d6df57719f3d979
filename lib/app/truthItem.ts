import type { ItemFeedback } from '../domain/item.js';
import { withinBytes } from '../domain/json.js';
import type { Told } from './truth.js';

/** An item stays small, however many rows were refused. */
const REFUSAL_BYTES = 10_000;

/** What an item carries of a telling. */
export function feedbackOf({ refusals, unknownClasses, notes, ...counts }: Told): ItemFeedback {
	const shown = refusals.map(({ row, error: { code, message, details } }) => ({ ...details, row, code, message }));
	return {
		...counts,
		...(shown.length ? { refusals: withinBytes(shown, REFUSAL_BYTES) } : {}),
		...(unknownClasses.length ? { unknownClasses } : {}),
		...(notes.length ? { notes } : {}),
	};
}
