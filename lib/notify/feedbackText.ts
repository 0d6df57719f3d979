import type { ItemFeedback } from '../domain/item.js';

/** What became of a telling, in a line for people. */
export function feedbackText({ rows, taken, same, corrected, unknown, empty, refused }: ItemFeedback): string {
	const figure = (n: number): string => n.toLocaleString('en');
	const parts = [
		`${figure(taken)} taken`,
		...(same ? [`${figure(same)} the same as before`] : []),
		...(corrected ? [`${figure(corrected)} corrected`] : []),
		...(unknown ? [`${figure(unknown)} kept for answers that are not in the log (yet)`] : []),
		...(empty ? [`${figure(empty)} without a truth`] : []),
		...(refused ? [`${figure(refused)} refused`] : []),
	];
	return `Of ${figure(rows)} ${rows === 1 ? 'row' : 'rows'}: ${parts.join(', ')}.`;
}
