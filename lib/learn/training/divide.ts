import { copiesText } from '../../data/copies.js';
import type { Frame } from '../../data/frame.js';
import { makeSplit } from '../../data/split.js';
import { MlopsError } from '../../domain/errors.js';
import { leftOutText, PART, type LeftOut } from '../../domain/split.js';
import type { Target } from '../../task/contract.js';
import { taskById } from '../../task/index.js';
import { alikeLabels, noTarget, readTarget } from '../../task/readTarget.js';
import { leaveOut, noAnswer, oneValueAfterSteps, oneValueLeft } from './leftOut.js';
import type { Source } from './prepare.js';
import { asksLabels } from './targetRole.js';
import type { TrainSpec } from './types.js';

/** Splits the rows and reads the target's classes from those that may be learnt from. */
export function divide(labelled: Frame, name: string, spec: TrainSpec, note: Source['note']) {
	const options = { task: spec.task, positiveClass: spec.positiveClass };
	const before = spec.leftOut ?? [];
	const unlabelled = spec.task && !asksLabels(spec) ? noTarget(name, spec.task, labelled.rows) : undefined;
	const all = unlabelled ?? readAll(labelled, name, options, before);
	const split = makeSplit(labelled, spec.split, { strata: taskById(all.task).strata?.(all) });
	const { parts } = split;
	if (split.copies) note('learn.copies', copiesText(split.copies, split.used));
	const left = leaveOut(labelled, name, split, spec.split, all.y);
	for (const out of [...before, ...left.list])
		note(out.reason === noAnswer(name) ? 'learn.target_gaps' : 'learn.rows_left_out', leftOutText(out));
	const learns = (i: number): boolean => parts[i] === PART.train || parts[i] === PART.validation;
	const target =
		unlabelled ??
		readLearnable(labelled, all, { ...options, task: all.task, learnable: learns }, () => oneValueLeft(labelled, all, split, left));
	const alike = alikeLabels(labelled, target, learns);
	if (alike) note('learn.label_spellings', alike);
	const train = rowsWhere(parts, (p) => p === PART.train);
	if (train.length < 2)
		throw new MlopsError('learn.too_few_rows', `Only ${train.length} row${train.length === 1 ? ' is' : 's are'} left to train on.`, {
			expected: 'at least 2',
			found: String(train.length),
			remedy: 'Bring in more rows, fill the gaps in the target, or make the test part smaller.',
		});
	const unlearned = parts.reduce((n, p, i) => n + Number(p === PART.test && Number.isNaN(target.y[i])), 0);
	if (unlearned) note('learn.unlearned_classes', unlearnedText(unlearned, name));
	const counts = { train: 0, validation: 0, test: 0, none: 0 };
	const names = ['train', 'validation', 'test', 'none'] as const;
	for (const p of parts) counts[names[p]]++;
	return {
		split: { ...split, rows: counts, leftOut: [...before, ...left.list] },
		target,
		rows: {
			train,
			validation: rowsWhere(parts, (p) => p === PART.validation),
			learnable: rowsWhere(parts, (p) => p === PART.train || p === PART.validation),
		},
	};
}

const unlearnedText = (n: number, target: string): string =>
	`${n.toLocaleString('en')} test row${n === 1 ? ' has a class' : 's have classes'} of "${target}" that no row to learn ` +
	`from has: the model cannot answer so, and Evaluate leaves ${n === 1 ? 'it' : 'them'} out.`;

type TargetOptions = Parameters<typeof readTarget>[2];

/** The target of all rows that came in; where it has one value, what was left out before belongs to the answer. */
function readAll(labelled: Frame, name: string, options: TargetOptions, before: readonly LeftOut[]): Target {
	try {
		return readTarget(labelled, name, options);
	} catch (thrown) {
		const error = MlopsError.from(thrown);
		throw error.code === 'learn.target_one_class' && before.length ? oneValueAfterSteps(error, before) : error;
	}
}

/** The target of the rows that are left to learn from. */
function readLearnable(labelled: Frame, { name, y }: Target, options: TargetOptions, oneValue: () => MlopsError): Target {
	try {
		return readTarget(labelled, name, options);
	} catch (thrown) {
		const error = MlopsError.from(thrown);
		throw error.code === 'learn.target_one_class' && y.some((v) => !Number.isNaN(v)) ? oneValue() : error;
	}
}

function rowsWhere(parts: Uint8Array, wanted: (part: number) => boolean): Uint32Array {
	let count = 0;
	for (let i = 0, n = parts.length; i < n; i++) if (wanted(parts[i])) count++;
	const out = new Uint32Array(count);
	for (let i = 0, at = 0, n = parts.length; i < n; i++) if (wanted(parts[i])) out[at++] = i;
	return out;
}
