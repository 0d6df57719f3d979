import type { ChangedAnswer, ChangesAsked } from '../domain/changes.js';
import type { ColumnType } from '../domain/column.js';
import { dictionary, own } from '../domain/dictionary.js';
import { MlopsError } from '../domain/errors.js';
import type { ModelManifest, SeenColumn } from '../domain/model.js';
import { featureText, lineText } from '../domain/text.js';
import type { Value } from '../data/frame.js';
import { booleanReader } from '../data/grammar/boolean.js';
import type { Answer, RowPredictor } from './predictor.js';
import { toldValue } from './toldValue.js';

type Raw = Record<string, unknown>;

/** A column that may change: its values as people send them, and how far each is from the row's own, in units of the training's spread. */
interface Changeable {
	name: string;
	type: ColumnType;
	from: Value;
	/** Values to try; numbers and dates as numbers. */
	values: Value[];
	/** At most so many more, between these and rarer ones; `all` where the training saw no others. */
	more(most: number): { values: Value[]; all: boolean };
	/** The least and the greatest number of the training. */
	range: [number, number];
	/** As people wrote it. */
	words(value: Value): string;
	distance(to: Value): number;
}

/** Values by place of the column; those that are not there are the row's own. */
type State = ReadonlyMap<number, Value>;

interface Goal {
	met(answer: Answer): boolean;
	/** Larger is nearer. */
	nearness(answer: Answer): number;
	/** The end, in words. */
	words: string;
	/** What the model answers, in words that do not deny that. */
	answerText(answer: Answer): string;
}

/** Ways that are told. */
const MOST_WAYS = 3;
/** Columns that change together, values tried of a text column, and questions a round. */
const MOST_TOGETHER = 3;
const MOST_TEXTS = 30;
const MOST_ASKED = 2_000;
/** Questions about values of single columns that lie between those tried first, or are rarer. */
const MOST_MORE = 1_000;
/** Halvings of the way between a value and the row's own. */
const HALVINGS = 12;
const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;

/**
 * What would change a row's answer (counterfactuals: Wachter, Mittelstadt and Russell 2018): the fewest columns, and of these the values
 * nearest to the row's own, in units of the training's spread (half of the rows lie within one; another word or yes for no is one). Only
 * values that the training saw are tried: its words, and numbers between its least and greatest. Each column alone; where none is enough,
 * with values that lie between and words that are rare, then two and three together, from the nearest on, at most some thousand questions.
 * It says what the model would answer, not what a change in the world would do; and where there is no way, how much was tried.
 *
 * @throws `predict.input_invalid` for columns that the model does not know or cannot change, and for a wish that cannot be
 */
export function changesFor(predictor: RowPredictor, raw: Raw, asked: ChangesAsked): ChangedAnswer[] {
	const { manifest } = predictor;
	const before = predictor.answer(raw, 0);
	const goal = goalOf(manifest, asked, before);
	const row = predictor.typed(raw);
	const columns = [...new Set(asked.columns)].map((name) => changeable(manifest, name, own(row, name) ?? null));
	if (goal.met(before)) return [{ text: `The answer is ${goal.answerText(before)} already.` }];
	const search = searchOf(predictor, raw, columns, goal);
	const most = Math.min(MOST_TOGETHER, columns.length);
	let tried = columns.reduce((sum, c) => sum + c.values.length, 0);
	let all = true;
	let frontier: State[] = [new Map()];
	for (let together = 1; together <= most; together++) {
		let { met, near } = widen(search, frontier);
		if (together === 1 && met.length === 0) {
			const more = columns.map((c) => c.more(Math.floor(MOST_MORE / columns.length)));
			({ met } = widen({ ...search, columns: columns.map((c, j) => ({ ...c, values: more[j].values })) }, frontier));
			tried += more.reduce((sum, m) => sum + m.values.length, 0);
			all = more.every((m) => m.all);
		}
		if (met.length > 0) return nearest(search, met).map(({ state, answer }) => told(columns, state, answer, goal));
		frontier = near;
	}
	const named = columns.map(({ name }) => `"${lineText(name)}"`).join(', ');
	const none = all
		? `No value of ${named} that the training saw makes`
		: `None of ${tried.toLocaleString('en')} values of ${named} that were tried, all within what the training saw, makes`;
	return [
		{
			text:
				`${none} the answer ${goal.words}` +
				`${most > 1 ? `, nor do those of ${most === 2 ? 'two' : 'two or three'} together that were tried` : ''}.`,
		},
	];
}

interface Found {
	state: State;
	answer: Answer;
}

/** A row whose answer is to be another one. */
interface Search {
	columns: readonly Changeable[];
	goal: Goal;
	/** The answer with other values; undefined where the model refuses them. */
	ask(state: State): Answer | undefined;
}

function searchOf(predictor: RowPredictor, raw: Raw, columns: readonly Changeable[], goal: Goal): Search {
	const ask = (state: State): Answer | undefined => {
		const row = dictionary(Object.entries(raw));
		for (const [j, value] of state) row[columns[j].name] = asSent(value, columns[j].type);
		try {
			return predictor.answer(row, 0);
		} catch {
			return undefined;
		}
	};
	return { columns, goal, ask };
}

const distanceOf = (columns: readonly Changeable[], state: State): number =>
	[...state].reduce((sum, [j, value]) => sum + columns[j].distance(value), 0);

/** Each state with one more column changed: those that reach the goal, and those of the others that come nearest to it. */
function widen({ columns, goal, ask }: Search, frontier: readonly State[]): { met: Found[]; near: State[] } {
	const candidates = columns.reduce((sum, c) => sum + c.values.length, 0);
	const met: Found[] = [];
	const others: Array<{ state: State; nearness: number }> = [];
	for (const state of frontier) {
		// Columns in their order, so that no pair is asked twice where all states are followed.
		const last = frontier.length * candidates <= MOST_ASKED ? Math.max(-1, ...state.keys()) : -1;
		for (const [j, { values }] of columns.entries()) {
			if (j <= last || state.has(j)) continue;
			for (const value of values) {
				const next: State = new Map([...state, [j, value]]);
				const answer = ask(next);
				if (!answer) continue;
				if (goal.met(answer)) met.push({ state: next, answer });
				else others.push({ state: next, nearness: goal.nearness(answer) });
			}
		}
	}
	const all = others.length * candidates <= MOST_ASKED;
	if (!all) others.sort((a, b) => b.nearness - a.nearness);
	return { met, near: others.slice(0, all ? others.length : Math.max(8, Math.floor(MOST_ASKED / candidates))).map((o) => o.state) };
}

/** For each set of columns the nearest way, its numbers no farther from the row's own than needed. */
function nearest(search: Search, met: readonly Found[]): Found[] {
	const by = (a: Found, b: Found): number => distanceOf(search.columns, a.state) - distanceOf(search.columns, b.state);
	const best = new Map<string, Found>();
	for (const found of [...met].sort(by)) {
		const key = [...found.state.keys()].sort((a, b) => a - b).join();
		if (!best.has(key)) best.set(key, found);
	}
	return [...best.values()]
		.slice(0, 2 * MOST_WAYS)
		.map((found) => shortened(search, found))
		.sort(by)
		.slice(0, MOST_WAYS);
}

/** The same way with numbers as near to the row's own as reaches the goal. */
function shortened(search: Search, found: Found): Found {
	let best = found;
	for (const j of found.state.keys()) {
		const { from, type } = search.columns[j];
		if (type === 'boolean' || typeof best.state.get(j) !== 'number') continue;
		if (typeof from === 'number') best = halved(search, best, j, from);
		if (type === 'number') best = rounded(search, best, j);
	}
	return best;
}

/** With another value of one column; undefined where that does not reach the goal. */
function tryAt({ ask, goal }: Search, { state }: Found, j: number, to: number): Found | undefined {
	const next = new Map([...state, [j, to] as const]);
	const answer = ask(next);
	return answer && goal.met(answer) ? { state: next, answer } : undefined;
}

/** By halving the way from the row's own value, which does not reach the goal. */
function halved(search: Search, found: Found, j: number, from: number): Found {
	const { type } = search.columns[j];
	const unit = type === 'integer' ? 1 : type === 'datetime' ? DAY : 0;
	let fails = from;
	let best = found;
	for (let k = 0; k < HALVINGS; k++) {
		const now = best.state.get(j) as number;
		const middle = fails + (now - fails) / 2;
		const to = unit ? Math.round(middle / unit) * unit : middle;
		// No unit lies between the two.
		if ((to - fails) * (now - to) <= 0) break;
		const nearer = tryAt(search, best, j, to);
		if (nearer) best = nearer;
		else fails = to;
	}
	return best;
}

/** With a number that people would write, where one does as well. */
function rounded(search: Search, found: Found, j: number): Found {
	const { range, distance } = search.columns[j];
	const value = found.state.get(j) as number;
	const [low, high] = range;
	for (let digits = 1; digits < 7; digits++) {
		const unit = 10 ** (Math.floor(Math.log10(Math.abs(value) || 1)) - digits + 1);
		for (const to of [Math.floor(value / unit) * unit, Math.ceil(value / unit) * unit].map((v) => Number(v.toPrecision(12)))) {
			if (to < low || to > high || distance(to) > 1.05 * distance(value)) continue;
			const written = tryAt(search, found, j, to);
			if (written) return written;
		}
	}
	return found;
}

/** @throws `predict.input_invalid` */
function changeable({ signature, seen }: ModelManifest, name: string, from: Value): Changeable {
	const column = signature.find((c) => c.name === name);
	if (!column)
		throw new MlopsError('predict.input_invalid', `The model does not look at a column "${lineText(name)}", so nothing changes with it.`, {
			column: name,
			expected: `one of: ${signature
				.map((c) => c.name)
				.slice(0, 20)
				.join(', ')}${signature.length > 20 ? ', ...' : ''}`,
			remedy: 'Choose changeable columns among those that the model takes.',
		});
	const known = seen?.find((c) => c.name === name);
	const first = known && valuesOf(known);
	if (!first)
		throw new MlopsError(
			'predict.input_invalid',
			`The model's package does not say which values "${lineText(name)}" had in the training.`,
			{
				column: name,
				remedy: 'Free text cannot be changed; for other columns, train the model again: it was made by an earlier version, or imported.',
			},
		);
	const spread = spreadOf(known);
	const { quantiles = [] } = known;
	return {
		name,
		type: column.type,
		from,
		values: first.filter((value) => value !== from),
		more: (most) => moreOf(known, column.type, most),
		range: [quantiles[0], quantiles[quantiles.length - 1]],
		words: (value) => (value === null ? 'no value' : String(toldValue(value, column))),
		distance: (to) => (typeof from === 'number' && typeof to === 'number' && column.type !== 'boolean' ? Math.abs(to - from) / spread : 1),
	};
}

const byRows = ({ values, rows }: NonNullable<SeenColumn['levels']>): string[] =>
	values
		.map((value, k) => ({ value, rows: rows[k] ?? 0 }))
		.sort((a, b) => b.rows - a.rows)
		.map((l) => l.value);

function valuesOf({ levels, quantiles }: SeenColumn): Value[] | undefined {
	if (quantiles) return [...new Set(quantiles)];
	return levels && byRows(levels).slice(0, MOST_TEXTS);
}

/** Values that `valuesOf` leaves out: rarer words, and numbers between two quantiles. */
function moreOf({ levels, quantiles = [] }: SeenColumn, type: ColumnType, most: number): { values: Value[]; all: boolean } {
	if (levels) {
		const values = byRows(levels).slice(MOST_TEXTS, MOST_TEXTS + most);
		return { values, all: levels.more === 0 && MOST_TEXTS + values.length >= levels.values.length };
	}
	const known = new Set(quantiles);
	const [low, high] = [quantiles[0], quantiles[quantiles.length - 1]];
	if (type === 'boolean' || low === high) return { values: [], all: true };
	const unit = type === 'integer' ? 1 : type !== 'datetime' ? 0 : quantiles.every((v) => v % DAY === 0) ? DAY : MINUTE;
	const inside = (all: number[]): number[] => [...new Set(all)].filter((v) => !known.has(v) && v > low && v < high);
	if (unit && unit !== MINUTE && (high - low) / unit < most)
		return { values: inside(Array.from({ length: most }, (_, k) => (Math.ceil(low / unit) + k) * unit)), all: true };
	const each = Math.floor(most / (quantiles.length - 1));
	const between = quantiles.slice(1).flatMap((to, k) => {
		const step = (to - quantiles[k]) / (each + 1);
		return Array.from({ length: each }, (_, n) => quantiles[k] + (n + 1) * step);
	});
	return { values: inside(unit ? between.map((v) => Math.round(v / unit) * unit) : between), all: false };
}

/** What half of the rows lie within; where they are all the same, the whole range. */
function spreadOf({ quantiles = [] }: SeenColumn): number {
	const at = (q: number): number => quantiles[Math.round(q * (quantiles.length - 1))];
	return at(0.75) - at(0.25) || at(1) - at(0) || 1;
}

/** @throws `predict.input_invalid` */
function goalOf({ classes, target }: ModelManifest, { wish }: ChangesAsked, before: Answer): Goal {
	if (classes.length > 0) {
		const answerText = classText;
		if (wish === undefined || wish === '') {
			const was = before.prediction;
			const probability = (a: Answer): number => own(a.probabilities, String(was)) ?? 0;
			return {
				met: (a) => a.prediction !== was,
				nearness: (a) => -probability(a),
				words: `anything but ${className(was)}`,
				answerText,
			};
		}
		const label = classWished(classes, wish);
		if (label === undefined) throw wrongWish(String(wish), `one of: ${classes.slice(0, 20).map(String).join(', ')}`);
		return {
			met: (a) => a.prediction === label,
			nearness: (a) => own(a.probabilities, String(label)) ?? 0,
			words: className(label),
			answerText,
		};
	}
	if (typeof before.prediction !== 'number') {
		if (wish !== undefined && wish !== '') throw wrongWish(String(wish), 'no wish: any other answer is looked for');
		const was = before.prediction;
		return {
			met: (a) => a.prediction !== was,
			nearness: (a) => Math.abs(a.score[0] - before.score[0]),
			words: `anything but ${className(was)}`,
			answerText: classText,
		};
	}
	const read = /^\s*(>=?|<=?|≥|≤)\s*([+-]?[\d.]+(?:e[+-]?\d+)?)\s*$/i.exec(String(wish ?? ''));
	const limit = Number(read?.[2] ?? NaN);
	if (!read || !Number.isFinite(limit)) throw wrongWish(String(wish ?? ''), `a limit for "${target}", such as >= 250 or <= 12.5`);
	const up = /[>≥]/.test(read[1]);
	const strict = read[1] === '>' || read[1] === '<';
	const meets = (v: number): boolean => (strict ? (up ? v > limit : v < limit) : up ? v >= limit : v <= limit);
	return {
		met: ({ prediction }) => meets(prediction as number),
		nearness: ({ prediction }) => (up ? 1 : -1) * (prediction as number),
		words: strict ? `${up ? 'more' : 'less'} than ${limit}` : `${limit} or ${up ? 'more' : 'less'}`,
		answerText: ({ prediction }) => numberText(prediction as number, meets),
	};
}

/** The class that is meant: by its name; else but for blanks at its ends and the case of letters; else by other words for yes and no. */
function classWished(classes: ModelManifest['classes'], wish: string | number | boolean): ModelManifest['classes'][number] | undefined {
	const same = classes.find((c) => String(c) === String(wish));
	if (same !== undefined) return same;
	const plain = (v: unknown): string => String(v).trim().toLowerCase();
	const truth = booleanReader({});
	const ways = [
		plain,
		(v: unknown) => (plain(v) === '' ? undefined : Number(plain(v))),
		// Of two classes one of which says yes, and the other no.
		(v: unknown) => (new Set(classes.map((c) => truth(plain(c)))).size === 2 && classes.length === 2 ? truth(plain(v)) : undefined),
	];
	for (const way of ways) {
		const wanted = way(wish);
		if (wanted === undefined || Number.isNaN(wanted)) continue;
		const found = classes.filter((c) => way(c) === wanted);
		if (found.length > 1) return undefined;
		if (found.length === 1) return found[0];
	}
	return undefined;
}

/** Five digits, or as many as it takes to be on the same side of the limit. */
function numberText(value: number, meets: (v: number) => boolean): string {
	for (let digits = 5; digits < 17; digits++) {
		const short = Number(value.toPrecision(digits));
		if (meets(short) === meets(value)) return String(short);
	}
	return String(value);
}

const wrongWish = (found: string, expected: string): MlopsError =>
	new MlopsError(
		'predict.input_invalid',
		found === '' ? 'It is not said which answer is wished.' : 'The model never gives the answer that is wished.',
		{
			expected,
			...(found === '' ? {} : { found: lineText(found) }),
			remedy: 'Enter the answer that you wish for.',
		},
	);

function asSent(value: Value, type: ColumnType): unknown {
	if (typeof value !== 'number') return value;
	return type === 'boolean' ? value === 1 : type === 'datetime' ? new Date(value).toISOString() : value;
}

/** `With tenure = 12 instead of 3 the answer would be no (probability 0.69).` */
function told(columns: readonly Changeable[], state: State, answer: Answer, goal: Goal): ChangedAnswer {
	const set = dictionary<unknown>();
	const parts: string[] = [];
	for (const [j, value] of [...state].sort(([a], [b]) => a - b)) {
		const { name, type, from, words } = columns[j];
		set[name] = asSent(value, type);
		parts.push(`${featureText(name, words(value))} instead of ${lineText(words(from))}`);
	}
	const { prediction, probability } = answer;
	return {
		text: `With ${parts.join(' and ')} the answer would be ${goal.answerText(answer)}.`,
		set,
		prediction,
		...(probability === undefined ? {} : { probability }),
	};
}

/** A class in a sentence: blanks at its ends would only look like a mistake there. */
const className = (label: string | number | boolean): string => lineText(String(label)).trim();

const classText = ({ prediction, probability }: Answer): string =>
	`${typeof prediction === 'number' ? Number(prediction.toPrecision(5)) : className(prediction)}` +
	`${probability === undefined ? '' : ` (probability ${Number(probability.toPrecision(2))})`}`;
