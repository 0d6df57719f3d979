import { MlopsError } from '../../domain/errors.js';

/** A pattern that names more alternatives in braces than this is taken for a mistake. */
const MAX_ALTERNATIVES = 1_000;
const MAX_LENGTH = 4_096;

/** Where a pattern begins to leave things open: a folder that is named outright, and what is to be matched below it, part by part. */
export interface Pattern {
	base: string;
	parts: string[];
}

const OPEN = /[*?[{]|[!+@]\(/;

/** Whether a path holds anything that a pattern may hold. */
export const isPattern = (path: string): boolean => OPEN.test(path);

/** A path's parts; a backslash divides on Windows alone, elsewhere it is a letter of the name. */
export const partsOf = (path: string): string[] => path.split(process.platform === 'win32' ? /[\\/]/ : '/');

/**
 * The patterns that an absolute path with `*`, `?`, `[...]`, `**` and braces stands for.
 * Cheap, however it is written: braces are counted before they are written out.
 * @throws `input.invalid` for too many alternatives, or `..` behind something open
 */
export function patternsOf(path: string): Pattern[] {
	if (path.length > MAX_LENGTH) throw invalid(`is longer than ${MAX_LENGTH.toLocaleString('en')} characters`);
	return writeOut(path).map((alternative) => {
		const parts = partsOf(alternative);
		const first = parts.findIndex(isPattern);
		const open =
			first < 0 ? [parts.at(-1)!] : parts.slice(first).filter((p, i, all) => p !== '' && p !== '.' && !(p === '**' && all[i - 1] === '**'));
		if (open.includes('..')) throw invalid('goes up with ".." behind a part that is open');
		return { base: parts.slice(0, first < 0 ? -1 : first).join('/') || '/', parts: open };
	});
}

const invalid = (why: string): MlopsError =>
	new MlopsError('input.invalid', `The pattern of files ${why}.`, {
		expected: `one folder and names with * or ?, or at most ${MAX_ALTERNATIVES.toLocaleString('en')} alternatives in braces`,
		remedy: 'Write a simpler pattern, for example /data/part-*.csv.',
	});

/** Braces written out: `{a,b}` and `{1..3}`, also inside each other. A brace that closes nothing is a letter. */
function writeOut(path: string): string[] {
	let done = [''];
	for (let at = 0; at < path.length; ) {
		const group = path[at] === '{' ? groupAt(path, at) : undefined;
		const texts = group?.texts ?? [path[at]];
		if (done.length * texts.length > MAX_ALTERNATIVES)
			throw invalid(`names more than ${MAX_ALTERNATIVES.toLocaleString('en')} alternatives`);
		done = done.flatMap((before) => texts.map((text) => before + text));
		at = group?.end ?? at + 1;
	}
	return done;
}

function groupAt(path: string, start: number): { texts: string[]; end: number } | undefined {
	const pieces: string[] = [];
	let depth = 0;
	let from = start + 1;
	for (let at = start; at < path.length; at++) {
		if (path[at] === '{') depth++;
		else if (path[at] === ',' && depth === 1) {
			pieces.push(path.slice(from, at));
			from = at + 1;
		} else if (path[at] === '}' && --depth === 0) {
			const last = path.slice(from, at);
			const range = pieces.length === 0 ? rangeOf(last) : undefined;
			if (range) return { texts: range, end: at + 1 };
			return pieces.length ? { texts: [...pieces, last].flatMap(writeOut), end: at + 1 } : undefined;
		}
	}
	return undefined;
}

function rangeOf(text: string): string[] | undefined {
	const [, low, high] = /^(-?\d{1,15})\.\.(-?\d{1,15})$/.exec(text) ?? [];
	if (low === undefined) return undefined;
	const [from, to] = [Number(low), Number(high)];
	const count = Math.abs(to - from) + 1;
	if (count > MAX_ALTERNATIVES) throw invalid(`names ${count.toLocaleString('en')} alternatives`);
	const width = /^-?0\d/.test(low) || /^-?0\d/.test(high) ? Math.max(low.length, high.length) : 0;
	const number = (n: number) => (n < 0 ? `-${String(-n).padStart(width - 1, '0')}` : String(n).padStart(width, '0'));
	return Array.from({ length: count }, (_, i) => number(from + (to < from ? -i : i)));
}

/** Whether a name fits one part of a pattern. Names that begin with a dot are only found by a part that does so too. */
export function fits(name: string, part: string): boolean {
	if (name.startsWith('.') && !part.startsWith('.')) return false;
	const fold =
		process.platform === 'win32' || process.platform === 'darwin'
			? (text: string) => text.normalize('NFC').toLowerCase()
			: (text: string) => text.normalize('NFC');
	return matches([...fold(name)], tokensOf(fold(part)));
}

type Token = '*' | '?' | { one: (letter: string) => boolean };

function tokensOf(part: string): Token[] {
	const letters = [...part];
	const tokens: Token[] = [];
	for (let i = 0; i < letters.length; i++) {
		const letter = letters[i];
		const end = letter === '[' ? letters.indexOf(']', i + (letters[i + 1] === '!' || letters[i + 1] === '^' ? 3 : 2)) : -1;
		if (letter === '*') {
			if (tokens.at(-1) !== '*') tokens.push('*');
		} else if (letter === '?') tokens.push('?');
		else if (end > 0) {
			tokens.push({ one: setOf(letters.slice(i + 1, end)) });
			i = end;
		} else tokens.push({ one: (l) => l === letter });
	}
	return tokens;
}

function setOf(inside: string[]): (letter: string) => boolean {
	const not = inside[0] === '!' || inside[0] === '^';
	const list = not ? inside.slice(1) : inside;
	const tests: Array<(letter: string) => boolean> = [];
	for (let i = 0; i < list.length; i++) {
		const [low, high] = [list[i], list[i + 1] === '-' ? list[i + 2] : undefined];
		if (high === undefined) tests.push((l) => l === low);
		else {
			tests.push((l) => l >= low && l <= high);
			i += 2;
		}
	}
	return (letter) => tests.some((t) => t(letter)) !== not;
}

/** Steps back to the last `*` only, so the time grows with the product of the lengths and no name can stall it. */
function matches(name: readonly string[], tokens: readonly Token[]): boolean {
	let [at, token, star, from] = [0, 0, -1, 0];
	while (at < name.length) {
		const current = tokens[token];
		if (current === '*') [star, from, token] = [token, at, token + 1];
		else if (current !== undefined && (current === '?' || current.one(name[at]))) [at, token] = [at + 1, token + 1];
		else if (star >= 0) [from, at, token] = [from + 1, from + 1, star + 1];
		else return false;
	}
	return tokens.slice(token).every((t) => t === '*');
}
