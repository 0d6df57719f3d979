import type { RunRecord } from '../domain/run.js';
import { leftOutText } from '../domain/split.js';
import { count, date, number } from './formatting.js';

/** How rows were divided, in one sentence. */
export function splitText(split: RunRecord['split']): string {
	const { rows, leftOut } = split;
	if (split.used === 'none') return 'The model was imported: which rows it learned from is not known.';
	const how =
		split.used === 'time'
			? `by the clock${split.by ? ` (“${split.by}”)` : ''}`
			: split.used === 'group'
				? `by group${split.by ? ` (“${split.by}”)` : ''}, so that no group is on both sides`
				: 'at random';
	const until =
		split.used === 'time' && split.testStart
			? ` Test rows run from ${date(split.testStart)}${split.testEnd ? ` to ${date(split.testEnd)}` : ''}.`
			: '';
	const without = leftOut
		? leftOut.map((out) => ` ${leftOutText(out)}`).join('')
		: rows.none
			? ` ${count(rows.none, 'row')} left out.`
			: '';
	return (
		`${count(rows.train, 'row')} to learn from, ${number(rows.validation)} to choose by and ${number(rows.test)} kept for ` +
		`the test, divided ${how}.${until}${without}`
	);
}
