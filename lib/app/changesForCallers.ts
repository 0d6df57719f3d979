import { isNumeric, type ColumnType } from '../domain/column.js';
import { MlopsError } from '../domain/errors.js';
import type { ModelManifest } from '../domain/model.js';
import { lineText } from '../domain/text.js';
import { readManifest } from '../formats/modelPackage.js';
import type { Store, Transactional } from '../store/contract.js';
import { classWords } from '../task/classes.js';
import type { ClassLabel, Output } from '../task/contract.js';
import { taskById } from '../task/index.js';
import { targetColumnOf } from './targetColumn.js';

/** What callers get, in words. */
export const ANSWERS: Record<Output, string> = {
	probability: 'classes',
	probabilities: 'classes',
	value: 'numbers',
	score: 'how unusual a row is',
};

/** What of a model its callers know: what they send, and what they get. */
export type Answering = Pick<ModelManifest, 'task' | 'target' | 'classes' | 'signature'> & {
	/** The classes as people wrote them in the table; as callers get them where absent. */
	words?: readonly string[];
};

/** So many names are said; of more, how many. */
const MOST_NAMES = 8;

function named(names: ReadonlyArray<string | number | boolean>): string {
	const said = names.slice(0, MOST_NAMES).map((name) => JSON.stringify(name));
	return [...said, ...(names.length > MOST_NAMES ? [`${names.length - MOST_NAMES} more`] : [])].join(', ');
}

const sameAs = (label: ClassLabel, word: string | undefined): boolean => word === undefined || word === String(label);

/** Classes by the words of the table, each with what callers get in its place where that is another. */
function classesNamed(labels: readonly ClassLabel[], { classes, words = [] }: Answering): string {
	const said = labels.slice(0, MOST_NAMES).map((label) => {
		const word = words[classes.indexOf(label)];
		return sameAs(label, word) ? JSON.stringify(label) : `${JSON.stringify(word)} (${JSON.stringify(label)})`;
	});
	return [...said, ...(labels.length > MOST_NAMES ? [`${labels.length - MOST_NAMES} more`] : [])].join(', ');
}

/** What callers get, with the classes, in words. */
export function answersIn({ task, target, classes, words }: Answering): string {
	const what = ANSWERS[taskById(task).output];
	const other = words?.some((word, i) => !sameAs(classes[i], word)) ? words : undefined;
	const list = other ? `${named(other)}, which callers get as ${named(classes)}` : named(classes);
	return `${what}${classes.length ? ` (${list})` : ''}${target ? ` of "${target}"` : ''}`;
}

const kindOf = ({ task }: Answering): string => ANSWERS[taskById(task).output];

/** Whether callers of one can read what the other answers: the same kind of thing, and of classes at least one that both know. */
export function canStandFor(a: Answering, b: Answering): boolean {
	if (kindOf(a) !== kindOf(b)) return false;
	return a.classes.length === 0 || a.classes.some((label) => b.classes.includes(label));
}

const positive = (of: Answering): string => classesNamed(of.classes.slice(-1), of);

/** What is different in the answers, each in a sentence. */
function answersChanged(before: Answering, after: Answering): string[] {
	if (!canStandFor(before, after)) return [`Answers change from ${answersIn(before)} to ${answersIn(after)}.`];
	const said: string[] = [];
	if (before.target !== after.target) said.push(`Answers are about "${after.target}", and no longer about "${before.target}".`);
	const come = after.classes.filter((label) => !before.classes.includes(label));
	const gone = before.classes.filter((label) => !after.classes.includes(label));
	if (come.length) said.push(`There are answers that callers do not know: ${classesNamed(come, after)}.`);
	if (gone.length) said.push(`There are answers that are not given any more: ${classesNamed(gone, before)}.`);
	const [old, now] = [taskById(before.task).output, taskById(after.task).output];
	if (old !== now)
		said.push(
			now === 'probabilities'
				? `Each class has a probability of its own; before, there was that of ${positive(before)} alone.`
				: `There is the probability of ${positive(after)} alone; before, each class had its own.`,
		);
	else if (old === 'probability' && before.classes[1] !== after.classes[1])
		said.push(`The probability is that of ${positive(after)}; before, it was that of ${positive(before)}.`);
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

/** A package of the store, and the run that it came from, of which the words of its table are known. */
export interface Packaged {
	digest: string;
	runId?: string;
}

/** What callers know of a package of the store; undefined where it is no package at all, which whoever serves it says. */
export async function answeringOf(
	store: Pick<Transactional, 'get'>,
	{ artifacts }: Pick<Store, 'artifacts'>,
	{ digest, runId }: Packaged,
): Promise<Answering | undefined> {
	try {
		const { task, target, classes, signature } = await readManifest(await artifacts.materialise(digest));
		return { task, target, classes, signature, words: classWords(classes, await targetColumnOf(store, runId)) };
	} catch (thrown) {
		if (MlopsError.from(thrown).code === 'learn.model_invalid') return undefined;
		throw thrown;
	}
}

/**
 * The same of two packages of the store. Never fails, since no move of an alias hangs on it: what cannot be read is a
 * sentence.
 */
export async function changesBetween(
	store: Pick<Transactional, 'get'>,
	files: Pick<Store, 'artifacts'>,
	before: Packaged | undefined,
	after: Packaged | undefined,
): Promise<string[]> {
	if (before === undefined || after === undefined || before.digest === after.digest) return [];
	try {
		const [old, now] = [await answeringOf(store, files, before), await answeringOf(store, files, after)];
		return old && now ? changesForCallers(old, now) : [];
	} catch (thrown) {
		return [`It is not known what changes for callers: ${lineText(MlopsError.from(thrown).message)}`];
	}
}

/** A list of changes as a part of a text; nothing where there are none. */
export const changesText = (changes: readonly string[] = []): string =>
	changes.length ? `What changes for callers: ${changes.join(' ')}` : '';
