import { isNumberVector, type NumberVector, type StringVector, type Vector } from './frame.js';

/*
 * Columns that are worked out when they are read: some rows of a column that lies in memory or in a file, a look-up of their codes, then
 * changes value by value. A chain of steps costs no array a step, and where it is read block by block none at all. Read as a whole (`data`,
 * `codes`), such a column is kept from then on and what it was made of is let go; long ones from a file are not kept, but for the last two.
 */

/** Rows that are read at a time: 64 kB of numbers stay in the cache nearest to the core. */
export const BLOCK = 8192;

/** Changes numbers where they are. */
export type Change = (values: Float64Array) => void;

/** One change of a column, and plain data of which another thread makes the same, where there is such. */
export interface PlannedChange {
	change: Change;
	again?: object;
}

/** Values that lie elsewhere than in memory (`columnFile.ts`). */
export interface Elsewhere<T extends Float64Array | Uint32Array> {
	readonly rows: number;
	/** Fills `out` with the values from row `from` on. */
	read(from: number, out: T): void;
	/** The values of the block (of `BLOCK` rows) with this number, good until another one is asked for. */
	block(number: number): T;
}

type Numbers = Float64Array | Elsewhere<Float64Array>;
type Codes = Uint32Array | Elsewhere<Uint32Array>;
const isElsewhere = <T extends Float64Array | Uint32Array>(values: T | Elsewhere<T>): values is Elsewhere<T> => 'block' in values;

/** How a column of numbers is worked out. */
export interface NumberPlan {
	rows: number;
	/** Rows of the column that it is made of; all in order if absent. */
	indices?: Uint32Array;
	/** What it is made of: numbers with changes, or codes with the number of each code. */
	from: { data: Numbers; changes: readonly PlannedChange[] } | { codes: Codes; table: Float64Array };
}

interface CodePlan {
	rows: number;
	indices?: Uint32Array;
	codes: Codes;
	/** New code of each code; the same if absent. */
	table?: Uint32Array;
}

const numberPlans = new WeakMap<NumberVector, NumberPlan>();
const codePlans = new WeakMap<StringVector, CodePlan>();

/** How a column is worked out; one that lies in memory is nothing but that. */
export const numberPlan = (v: NumberVector): NumberPlan =>
	numberPlans.get(v) ?? { rows: v.data.length, from: { data: v.data, changes: [] } };
const codePlan = (v: StringVector): CodePlan => codePlans.get(v) ?? { rows: v.codes.length, codes: v.codes };

/** The number of values, without working them out. */
export const lengthOf = (v: Vector): number =>
	isNumberVector(v) ? (numberPlans.get(v)?.rows ?? v.data.length) : (codePlans.get(v)?.rows ?? v.codes.length);

/** A plan whose numbers or codes lie in memory. */
type PlanInMemory = Omit<NumberPlan, 'from'> & {
	from: { data: Float64Array; changes: readonly PlannedChange[] } | { codes: Uint32Array; table: Float64Array };
};
export const isInMemory = (plan: NumberPlan | PlanInMemory): plan is PlanInMemory => !isElsewhere(sourceOf(plan.from));

/** Whether a column is worked out from what lies in memory, or from what lies elsewhere; undefined where it is all there. */
export function workedOutFrom(v: Vector): 'memory' | 'elsewhere' | undefined {
	const plan = isNumberVector(v) ? numberPlans.get(v)?.from : codePlans.get(v);
	return plan && (isElsewhere(sourceOf(plan)) ? 'elsewhere' : 'memory');
}
const sourceOf = (from: NumberPlan['from'] | CodePlan): Numbers | Codes => ('codes' in from ? from.codes : from.data);

/** Columns from elsewhere of so many rows are kept once they were read as a whole. */
export const KEPT_ROWS = 100_000;
/** Of longer ones the last two that were read so. */
const MOST_HELD = 2;
let held: Array<{ vector: Vector; values: Float64Array | Uint32Array }> = [];

/** Lets go of the long columns that were read last. */
export function letGo(): void {
	held = [];
}

/** All values of a long column, read once more unless it was among the last. */
function holding<T extends Float64Array | Uint32Array>(vector: Vector, read: () => T): T {
	if (held.length && held[0].vector === vector) return held[0].values as T;
	const known = held.find((h) => h.vector === vector);
	const others = held.filter((h) => h !== known).slice(0, MOST_HELD - 1);
	// What is to go goes first.
	held = others;
	const values = known ? (known.values as T) : read();
	held = [{ vector, values }, ...others];
	return values;
}

/** A column that is worked out so. */
export function plannedNumbers(made: NumberPlan): NumberVector {
	const vector = isElsewhere(sourceOf(made.from)) && made.rows > KEPT_ROWS ? longNumbers(made) : keptNumbers();
	numberPlans.set(vector, made);
	return vector;
}

function keptNumbers(): NumberVector {
	let data: Float64Array | undefined;
	const vector: NumberVector = {
		get data() {
			if (!data) {
				data = allNumbers(vector);
				numberPlans.delete(vector);
			}
			return data;
		},
	};
	return vector;
}

function longNumbers(plan: NumberPlan): NumberVector {
	const one = new Float64Array(1);
	const vector: NumberVector = {
		get data() {
			return holding(vector, () => allNumbers(vector));
		},
		at(row) {
			fillNumbers(plan, row, one);
			return one[0];
		},
	};
	return vector;
}

/** All numbers; those that are worked out are so anew and not kept. */
export function allNumbers(v: NumberVector): Float64Array {
	const plan = numberPlans.get(v);
	if (!plan) return v.data;
	const data = new Float64Array(plan.rows);
	for (let from = 0; from < plan.rows; from += BLOCK) fillNumbers(plan, from, data.subarray(from, Math.min(plan.rows, from + BLOCK)));
	return data;
}

/** A column of texts that is worked out so. */
export function plannedCodes(made: CodePlan, dictionary: readonly string[]): StringVector {
	const vector = isElsewhere(made.codes) && made.rows > KEPT_ROWS ? longCodes(made, dictionary) : keptCodes(dictionary);
	codePlans.set(vector, made);
	return vector;
}

function allCodes(plan: CodePlan): Uint32Array {
	const codes = new Uint32Array(plan.rows);
	fillCodes(plan, 0, codes);
	return codes;
}

function keptCodes(dictionary: readonly string[]): StringVector {
	let codes: Uint32Array | undefined;
	const vector: StringVector = {
		get codes() {
			if (!codes) {
				codes = allCodes(codePlans.get(vector)!);
				codePlans.delete(vector);
			}
			return codes;
		},
		dictionary,
	};
	return vector;
}

function longCodes(plan: CodePlan, dictionary: readonly string[]): StringVector {
	const one = new Uint32Array(1);
	const vector: StringVector = {
		get codes() {
			return holding(vector, () => allCodes(plan));
		},
		dictionary,
		at(row) {
			fillCodes(plan, row, one);
			return one[0];
		},
	};
	return vector;
}

/** Values of some rows of what lies elsewhere; rows that rise read each block once. */
function pickInto<T extends Float64Array | Uint32Array>(values: Elsewhere<T>, indices: Uint32Array | undefined, from: number, out: T): T {
	if (!indices) {
		values.read(from, out);
		return out;
	}
	let number = -1;
	let block: T | undefined;
	for (let i = 0, n = out.length; i < n; i++) {
		const row = indices[from + i];
		const own = Math.floor(row / BLOCK);
		if (own !== number) block = values.block((number = own));
		out[i] = block![row - own * BLOCK];
	}
	return out;
}

function fillNumbers({ indices, from: source }: NumberPlan, from: number, out: Float64Array): void {
	const n = out.length;
	if ('table' in source) {
		const { codes, table } = source;
		if (isElsewhere(codes)) {
			const picked = pickInto(codes, indices, from, new Uint32Array(n));
			for (let i = 0; i < n; i++) out[i] = table[picked[i]];
		} else if (indices) for (let i = 0; i < n; i++) out[i] = table[codes[indices[from + i]]];
		else for (let i = 0; i < n; i++) out[i] = table[codes[from + i]];
		return;
	}
	const { data, changes } = source;
	if (isElsewhere(data)) pickInto(data, indices, from, out);
	else if (indices) for (let i = 0; i < n; i++) out[i] = data[indices[from + i]];
	else out.set(data.subarray(from, from + n));
	for (const { change } of changes) change(out);
}

function fillCodes({ indices, codes, table }: CodePlan, from: number, out: Uint32Array): void {
	const n = out.length;
	if (isElsewhere(codes)) {
		pickInto(codes, indices, from, out);
		if (table) for (let i = 0; i < n; i++) out[i] = table[out[i]];
	} else if (indices && table) for (let i = 0; i < n; i++) out[i] = table[codes[indices[from + i]]];
	else if (indices) for (let i = 0; i < n; i++) out[i] = codes[indices[from + i]];
	else if (table) for (let i = 0; i < n; i++) out[i] = table[codes[from + i]];
	else out.set(codes.subarray(from, from + n));
}

/** Numbers of the rows from `from` on, as many as `scratch` holds or there are; they may lie in `scratch`, and are read only. */
function numbersAt(v: NumberVector, from: number, scratch: Float64Array): Float64Array {
	const plan = numberPlans.get(v);
	const to = Math.min(plan?.rows ?? v.data.length, from + scratch.length);
	if (!plan) return v.data.subarray(from, to);
	const out = scratch.subarray(0, to - from);
	fillNumbers(plan, from, out);
	return out;
}

/** The same for codes. */
function codesAt(v: StringVector, from: number, scratch: Uint32Array): Uint32Array {
	const plan = codePlans.get(v);
	const to = Math.min(plan?.rows ?? v.codes.length, from + scratch.length);
	if (!plan) return v.codes.subarray(from, to);
	const out = scratch.subarray(0, to - from);
	fillCodes(plan, from, out);
	return out;
}

/** Blocks that nobody uses at the moment: thousands of new ones would keep the garbage collector busy. */
const spare: Float64Array[] = [];

/** All numbers block by block, in order. A block is only good until the next one. */
export function eachBlock(v: NumberVector, work: (values: Float64Array, from: number) => void): void {
	const rows = lengthOf(v);
	const scratch = spare.pop() ?? new Float64Array(BLOCK);
	for (let from = 0; from < rows; from += BLOCK) work(numbersAt(v, from, scratch), from);
	spare.push(scratch);
}

/** Up to so many rows a column is worked out once for several passes. */
const HELD_ROWS = 4_000_000;
/** Room for one that nobody uses at the moment. */
let room: Float64Array | undefined;

/** Lets several passes read a column that would be worked out in each of them; the one that they get is good until `work` ends. */
export function workedOut<T>(v: NumberVector, work: (held: NumberVector) => T): T {
	const plan = numberPlans.get(v);
	if (!plan || 'table' in plan.from || plan.from.changes.length === 0 || plan.rows > HELD_ROWS) return work(v);
	const own = room && room.length >= plan.rows ? room : new Float64Array(plan.rows);
	room = undefined;
	const data = numbersInto(v, own.subarray(0, plan.rows));
	const result = work({ data });
	room = own;
	return result;
}

/** Writes all numbers into an array of the width that is wanted. */
export function numbersInto<T extends Float32Array | Float64Array>(v: NumberVector, out: T): T {
	const plan = numberPlans.get(v);
	if (plan && 'table' in plan.from && !isElsewhere(plan.from.codes)) {
		const { codes, table } = { ...plan.from, codes: plan.from.codes };
		if (out instanceof Float32Array) lookUp32(out, Float32Array.from(table), codes, plan.indices);
		else lookUp64(out, table, codes, plan.indices);
	} else eachBlock(v, (values, from) => out.set(values, from));
	return out;
}

// One for each width: a loop that meets both takes several times as long.
function lookUp32(out: Float32Array, table: Float32Array, codes: Uint32Array, indices: Uint32Array | undefined): void {
	if (indices) for (let i = 0, n = out.length; i < n; i++) out[i] = table[codes[indices[i]]];
	else for (let i = 0, n = out.length; i < n; i++) out[i] = table[codes[i]];
}

function lookUp64(out: Float64Array, table: Float64Array, codes: Uint32Array, indices: Uint32Array | undefined): void {
	if (indices) for (let i = 0, n = out.length; i < n; i++) out[i] = table[codes[indices[i]]];
	else for (let i = 0, n = out.length; i < n; i++) out[i] = table[codes[i]];
}

/** The same for codes. */
export function eachCodes(v: StringVector, work: (codes: Uint32Array, from: number) => void): void {
	const rows = lengthOf(v);
	const scratch = new Uint32Array(Math.min(BLOCK, rows));
	for (let from = 0; from < rows; from += BLOCK) work(codesAt(v, from, scratch), from);
}

/** How often each code occurs where a column of numbers is nothing but a look-up of codes, with the numbers looked up. */
export function lookedUp(v: NumberVector): { table: Float64Array; counts: Uint32Array } | undefined {
	const plan = numberPlans.get(v);
	if (!plan || !('table' in plan.from)) return undefined;
	const { codes, table } = plan.from;
	return { table, counts: countAll({ rows: plan.rows, indices: plan.indices, codes }, table.length) };
}

function eachBlockOf(plan: CodePlan, work: (codes: Uint32Array) => void): void {
	const scratch = new Uint32Array(Math.min(BLOCK, plan.rows));
	for (let from = 0; from < plan.rows; from += BLOCK) {
		const out = scratch.subarray(0, Math.min(BLOCK, plan.rows - from));
		fillCodes(plan, from, out);
		work(out);
	}
}

/** Rows of each dictionary entry, at index code (0: missing). */
export function codeCounts(v: StringVector): Uint32Array {
	const plan = codePlan(v);
	const { table } = plan;
	if (!table) return countAll(plan, v.dictionary.length + 1).slice();
	const before = countAll({ ...plan, table: undefined }, table.length);
	const counts = new Uint32Array(v.dictionary.length + 1);
	for (let k = 0, n = table.length; k < n; k++) counts[table[k]] += before[k];
	return counts;
}

/** Counts of the same rows of the same codes are asked for by many steps; who asks does not change them. */
const known = new WeakMap<Codes, Array<{ indices?: WeakRef<Uint32Array>; counts: Uint32Array }>>();

function countAll({ rows, indices, codes }: CodePlan, size: number): Uint32Array {
	const all = known.get(codes) ?? [];
	const hit = all.find((c) => c.indices?.deref() === indices && c.counts.length === size);
	if (hit) return hit.counts;
	const counts = new Uint32Array(size);
	if (isElsewhere(codes)) eachBlockOf({ rows, indices, codes }, (block) => block.forEach((code) => counts[code]++));
	else if (indices) for (let i = 0; i < rows; i++) counts[codes[indices[i]]]++;
	else for (let i = 0; i < rows; i++) counts[codes[i]]++;
	known.set(codes, [...all.slice(-3), { indices: indices && new WeakRef(indices), counts }]);
	return counts;
}

/** Numbers changed one by one. `again`: how another thread makes the same change, as plain data. */
export function changedNumbers(v: NumberVector, change: Change, again?: object): NumberVector {
	const { from, ...plan } = numberPlan(v);
	if ('table' in from) {
		const table = from.table.slice();
		change(table);
		return plannedNumbers({ ...plan, from: { codes: from.codes, table } });
	}
	return plannedNumbers({ ...plan, from: { data: from.data, changes: [...from.changes, { change, again }] } });
}

/** A number for each code of a column. */
export function numbersOfCodes(v: StringVector, table: Float64Array): NumberVector {
	const { table: before, ...plan } = codePlan(v);
	const { codes, ...rest } = plan;
	return plannedNumbers({ ...rest, from: { codes, table: before ? Float64Array.from(before, (k) => table[k]) : table } });
}

/** Another code for each code of a column, in another dictionary. */
export function recoded(v: StringVector, table: Uint32Array, dictionary: readonly string[]): StringVector {
	const { table: before, ...plan } = codePlan(v);
	return plannedCodes({ ...plan, table: before ? before.map((k) => table[k]) : table }, dictionary);
}

/** The same column, to be read as a whole and let go of: the one given keeps nothing of it. */
export function apart<V extends Vector>(v: V): V {
	if (isNumberVector(v)) {
		const plan = numberPlans.get(v);
		return plan ? (plannedNumbers(plan) as V) : v;
	}
	const plan = codePlans.get(v);
	return plan ? (plannedCodes(plan, v.dictionary) as V) : v;
}

/** The values of rows `from..to`: a view of a column that lies in memory, else these worked out. */
export function rangeOf(v: Vector, from: number, to: number): Vector {
	if (isNumberVector(v)) {
		const plan = numberPlans.get(v);
		if (!plan) return { data: v.data.subarray(from, to) };
		const data = new Float64Array(to - from);
		fillNumbers(plan, from, data);
		return { data };
	}
	const plan = codePlans.get(v);
	if (!plan) return { codes: v.codes.subarray(from, to), dictionary: v.dictionary };
	const codes = new Uint32Array(to - from);
	fillCodes(plan, from, codes);
	return { codes, dictionary: v.dictionary };
}

/** Some rows of several columns of equal length, in this order. */
export function takenVectors(vectors: readonly Vector[], indices: Uint32Array): Vector[] {
	const composed = new Map<Uint32Array | undefined, Uint32Array>([[undefined, indices]]);
	const through = (before: Uint32Array | undefined): Uint32Array => {
		const known = composed.get(before);
		if (known) return known;
		const both = indices.map((i) => before![i]);
		composed.set(before, both);
		return both;
	};
	const rows = indices.length;
	return vectors.map((v): Vector => {
		if (isNumberVector(v)) {
			const plan = numberPlan(v);
			return plannedNumbers({ ...plan, rows, indices: through(plan.indices) });
		}
		const plan = codePlan(v);
		return plannedCodes({ ...plan, rows, indices: through(plan.indices) }, v.dictionary);
	});
}
