import { isNumeric, type ColumnType } from '../domain/column.js';
import { MlopsError } from '../domain/errors.js';
import type { ModelManifest } from '../domain/model.js';
import { lineText } from '../domain/text.js';
import { readManifest } from '../formats/modelPackage.js';
import type { Store } from '../store/contract.js';
import type { Output } from '../task/contract.js';
import { taskById } from '../task/index.js';

/** What callers get, in words. */
export const ANSWERS: Record<Output, string> = {
	probability: 'classes',
	probabilities: 'classes',
	value: 'numbers',
	score: 'how unusual a row is',
};

/** What of a model its callers know: what they send, and what they get. */
export type Answering = Pick<ModelManifest, 'task' | 'target' | 'classes' | 'signature'>;

/** So many names are said; of more, how many. */
const MOST_NAMES = 8;

function named(names: ReadonlyArray<string | number | boolean>): string {
	const said = names.slice(0, MOST_NAMES).map((name) => JSON.stringify(name));
	return [...said, ...(names.length > MOST_NAMES ? [`${names.length - MOST_NAMES} more`] : [])].join(', ');
}

/** What callers get, with the classes, in words. */
export function answersIn({ task, target, classes }: Answering): string {
	const what = ANSWERS[taskById(task).output];
	return `${what}${classes.length ? ` (${named(classes)})` : ''}${target ? ` of "${target}"` : ''}`;
}

const kindOf = ({ task }: Answering): string => ANSWERS[taskById(task).output];

/** Whether callers of one can read what the other answers: the same kind of thing, and of classes at least one that both know. */
export function canStandFor(a: Answering, b: Answering): boolean {
	if (kindOf(a) !== kindOf(b)) return false;
	return a.classes.length === 0 || a.classes.some((label) => b.classes.includes(label));
}

/** What is different in the answers, each in a sentence. */
function answersChanged(before: Answering, after: Answering): string[] {
	if (!canStandFor(before, after)) return [`Answers change from ${answersIn(before)} to ${answersIn(after)}.`];
	const said: string[] = [];
	if (before.target !== after.target) said.push(`Answers are about "${after.target}", and no longer about "${before.target}".`);
	const come = after.classes.filter((label) => !before.classes.includes(label));
	const gone = before.classes.filter((label) => !after.classes.includes(label));
	if (come.length) said.push(`There are answers that callers do not know: ${named(come)}.`);
	if (gone.length) said.push(`There are answers that are not given any more: ${named(gone)}.`);
	const [old, now] = [taskById(before.task).output, taskById(after.task).output];
	if (old !== now)
		said.push(
			now === 'probabilities'
				? `Each class has a probability of its own; before, there was that of ${named(before.classes.slice(-1))} alone.`
				: `There is the probability of ${named(after.classes.slice(-1))} alone; before, each class had its own.`,
		);
	else if (old === 'probability' && before.classes[1] !== after.classes[1])
		said.push(`The probability is that of ${named(after.classes.slice(-1))}; before, it was that of ${named(before.classes.slice(-1))}.`);
	return said;
}

const READ_AS: Record<ColumnType, string> = {
	number: 'a number',
	integer: 'a number',
	boolean: 'yes or no',
	datetime: 'a date',
	category: 'a text',
	text: 'a text',
};

/**
 * What is different in the columns that callers send, each in a sentence. Columns that may be left out, or are not read any more, break
 * nobody.
 */
function columnsChanged(before: Answering, after: Answering): string[] {
	const known = new Map(before.signature.map((column) => [column.name, column]));
	const needed = after.signature.filter(({ name, required }) => required && !known.get(name)?.required).map(({ name }) => name);
	const said = needed.length
		? [`Callers must send ${needed.length === 1 ? 'a column that was' : 'columns that were'} not needed before: ${named(needed)}.`]
		: [];
	for (const { name, type, format } of after.signature) {
		const was = known.get(name);
		if (!was) continue;
		if (READ_AS[was.type] !== READ_AS[type])
			said.push(
				`"${name}" is read as ${READ_AS[type]}; before, it was ${READ_AS[was.type]}.` +
					(isNumeric(type) ? ' Values of another form are refused.' : ''),
			);
		else if (was.format !== format && type === 'datetime')
			said.push(`Dates in "${name}" are read in another form (${format ?? 'ISO 8601'}; before, ${was.format ?? 'ISO 8601'}).`);
	}
	return said;
}

/** What is different for callers of one model who get the answers of another from now on, each in a sentence; none where nothing is. */
export const changesForCallers = (before: Answering, after: Answering): string[] => [
	...answersChanged(before, after),
	...columnsChanged(before, after),
];

/** What callers know of a package of the store; undefined where it is no package at all, which whoever serves it says. */
export async function answeringOf({ artifacts }: Pick<Store, 'artifacts'>, digest: string): Promise<Answering | undefined> {
	try {
		return await readManifest(await artifacts.materialise(digest));
	} catch (thrown) {
		if (MlopsError.from(thrown).code === 'learn.model_invalid') return undefined;
		throw thrown;
	}
}

/**
 * The same of two packages of the store, by their digests. Never fails, since no move of an alias hangs on it: what cannot be read is a
 * sentence.
 */
export async function changesBetween(
	store: Pick<Store, 'artifacts'>,
	before: string | undefined,
	after: string | undefined,
): Promise<string[]> {
	if (before === undefined || after === undefined || before === after) return [];
	try {
		const [old, now] = [await answeringOf(store, before), await answeringOf(store, after)];
		return old && now ? changesForCallers(old, now) : [];
	} catch (thrown) {
		return [`It is not known what changes for callers: ${lineText(MlopsError.from(thrown).message)}`];
	}
}

/** A list of changes as a part of a text; nothing where there are none. */
export const changesText = (changes: readonly string[] = []): string =>
	changes.length ? `What changes for callers: ${changes.join(' ')}` : '';
