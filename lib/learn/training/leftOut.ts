import { MlopsError } from '../../domain/errors.js';
import { leftOutText, PART, type LeftOut, type SplitParams } from '../../domain/split.js';
import { isNumberVector, valueAt, vectorOf, type Frame } from '../../data/frame.js';
import { dateParser } from '../../data/dates.js';
import type { SplitResult } from '../../data/split.js';
import type { Target } from '../../task/contract.js';

type Division = Pick<SplitResult, 'parts' | 'used' | 'by' | 'testStart'>;

const rows = (n: number): string => `${n.toLocaleString('en')} row${n === 1 ? '' : 's'}`;

/** Why rows without an answer are left out. */
export const noAnswer = (target: string): string => `no value in the target "${target}"`;

/** What became of rows that are neither learned from nor tested on, by reason; each row counts once. */
export interface Accounts {
	list: LeftOut[] /** Position in `list` of the reason of each row, -1 for rows that stay. */;
	of: Int16Array;
}

/**
 * Marks rows without an answer as left out, and says for each row that is left out why.
 *
 * @param y the target of each row, NaN where it has none
 */
export function leaveOut(frame: Frame, target: string, { parts, used, by }: Division, params: SplitParams, y: Float64Array): Accounts {
	const of = new Int16Array(parts.length).fill(-1);
	const list: LeftOut[] = [];
	const times = used === 'time' && by !== undefined ? vectorOf(frame, by) : undefined;
	const until = params.testUntil === undefined ? Infinity : dateParser('iso')(params.testUntil.trim());
	const late = `at or after ${params.testUntil}, the end of the test period`;
	const untimed = `no value in "${by}", by which rows are divided in time`;
	const reasons = new Map<string, number>();
	for (let i = 0, n = parts.length; i < n; i++) {
		if (Number.isNaN(y[i])) parts[i] = PART.none;
		if (parts[i] !== PART.none) continue;
		let reason = 'the split has no place for them';
		if (Number.isNaN(y[i])) reason = noAnswer(target);
		else if (times && isNumberVector(times)) reason = times.data[i] >= until ? late : untimed;
		let at = reasons.get(reason);
		if (at === undefined) {
			reasons.set(reason, (at = list.length));
			list.push({ rows: 0, reason });
		}
		list[at].rows++;
		of[i] = at;
	}
	return { list, of };
}

/** Where the answers went when the rows that are left to learn from have one alone, though all rows have several. */
export function oneValueLeft(frame: Frame, all: Target, split: Division, { list, of }: Accounts): MlopsError {
	const values = vectorOf(frame, all.name);
	const learned = split.parts.findIndex((p) => p === PART.train || p === PART.validation);
	const kept = learned < 0 ? undefined : valueAt(values, learned);
	const from = split.testStart ? ` (from ${split.testStart.slice(0, 10)} on)` : '';
	const gone = new Map<string, number>();
	for (let i = 0; i < frame.rows; i++) {
		if (Number.isNaN(all.y[i]) || valueAt(values, i) === kept) continue;
		const where = of[i] >= 0 ? `left out (${list[of[i]].reason})` : `kept for the test${from}`;
		gone.set(where, (gone.get(where) ?? 0) + 1);
	}
	const where = [...gone].map(([reason, n]) => `${rows(n)} ${n === 1 ? 'is' : 'are'} ${reason}`).join('; ');
	const only =
		kept === undefined
			? 'nothing is left to learn from'
			: `the rows that are left to learn from all have the same value, ${shown(kept, frame, all.name)}`;
	const untimed = list.some(({ reason }) => reason.includes('divided in time'));
	const sentence = `The target "${all.name}" has several values, but ${only}. Of those with another value, ${where}.`;
	return new MlopsError('learn.target_one_class', sentence, {
		column: all.name,
		expected: 'at least two different values among the training rows',
		found: list.map(leftOutText).join(' ') || undefined,
		remedy: untimed
			? `Give "${split.by}" another role in Ingest (Column Settings), or divide the rows at random (Train, Split, Method).`
			: 'Divide the rows in another way (Train, Split), or bring in rows with other outcomes.',
	});
}

function shown(value: unknown, frame: Frame, name: string): string {
	const { type } = frame.schema.find((c) => c.name === name)!;
	return `"${type === 'boolean' ? (value ? 'yes' : 'no') : String(value)}"`;
}

/** The same where steps of the recipe had left out rows before: then the table that comes in may well have had other values. */
export function oneValueAfterSteps(error: MlopsError, before: readonly LeftOut[]): MlopsError {
	const gone = before.map(({ rows: n, reason }) => `${rows(n)} ${n === 1 ? 'was' : 'were'} left out (${reason})`).join(' and ');
	return new MlopsError(error.code, `${error.message} Before, ${gone}.`, {
		...error.details,
		cause: error,
		remedy: 'Look at the steps that drop rows: rows with other outcomes may be among them.',
	});
}
