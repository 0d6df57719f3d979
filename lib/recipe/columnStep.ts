import type { ColumnRole, ColumnSchema, ColumnType } from '../domain/column.js';
import { MlopsError } from '../domain/errors.js';
import { takeName } from '../data/columnNames.js';
import { columnIndex, isNumberVector, vectorOf, type Frame, type Vector } from '../data/frame.js';
import { shareNumbers } from '../data/sharedNumbers.js';
import type { FitStepContext, Row, Step } from './contract.js';
import type { FitTask, StepAgain } from './crewTasks.js';
import { deriveVector, valueDeriver, type Derive } from './derive.js';
import type { KeptColumns } from './keptColumns.js';

/** A column that a step makes from one source column. The source's own name means "in its place". */
export interface Made {
	schema: ColumnSchema;
	derive: Derive;
}

/** What becomes of one source column; it stays beside what was made if `keep`. */
export interface Making {
	keep?: boolean;
	made: Made[];
}

/** One chosen column while fitting. */
export interface Fitting {
	schema: ColumnSchema;
	vector: Vector;
	/** All columns, for steps that look at the target; others may be fitted where the frame is not. */
	frame?: Frame;
}

/** State of a column step: what each chosen column needs. Null when nothing was fitted. */
export type ColumnState<C> = { columns: Array<{ name: string; state: C }> } | null;

/** A step that treats each chosen column by itself: it says what to make of a column, and this file derives both forms from it. */
export interface ColumnStep<P, C>
	extends Pick<
		Step<P, ColumnState<C>>,
		'id' | 'version' | 'label' | 'description' | 'group' | 'stage' | 'needsTarget' | 'params' | 'explain'
	> {
	/** Names picked by a person; empty means all columns that fit. */
	columns(params: P): readonly string[];
	accepts: readonly ColumnType[];
	/** Types taken when no columns are named, if not all that are accepted. */
	byDefault?: readonly ColumnType[];
	/** Roles taken when no columns are named. */
	roles?: readonly ColumnRole[];
	/** Estimates from one training column. Undefined leaves the column as it is. */
	fit?(column: Fitting, params: P, context: FitStepContext): C | undefined;
	/** `state` is undefined before fitting: then only the schemas of what is made are read. */
	make(column: ColumnSchema, params: P, state: C | undefined): Making;
	/** For cross-fitted steps: the training column's own values, in the order of `make`. */
	ownValues?(column: Fitting & { frame: Frame }, params: P, state: C, context: FitStepContext): Vector[];
}

const FEATURES: readonly ColumnRole[] = ['feature'];

/** The columns a step applies to: those named (checked), or all of the accepted types and roles. */
export function chooseColumns(
	input: readonly ColumnSchema[],
	names: readonly string[],
	accepts: readonly ColumnType[],
	roles: readonly ColumnRole[] = FEATURES,
	byDefault = accepts,
): ColumnSchema[] {
	if (!names.length) return input.filter((c) => byDefault.includes(c.type) && roles.includes(c.role));
	return [...new Set(names)].map((name) => checkType(input[columnIndex(input, name)], accepts));
}

/** @throws `data.column_type` when the step cannot work on such a column */
export function checkType(column: ColumnSchema, accepts: readonly ColumnType[]): ColumnSchema {
	if (accepts.includes(column.type)) return column;
	throw new MlopsError('data.column_type', `Column "${column.name}" is of type ${column.type}, which this step cannot use.`, {
		column: column.name,
		expected: accepts.join(' or '),
		found: column.type,
		remedy:
			accepts.includes('number') || accepts.includes('datetime')
				? 'Convert the column first (step "Convert type"), or pick another.'
				: 'Pick another column.',
	});
}

interface PlanPart {
	source: ColumnSchema;
	/** What was fitted on it. */
	state: unknown;
	keep: boolean;
	made: Made[];
}

/** A column that comes out of a step: the one that stood at a place before, or what a part makes of it. */
interface LaidOut {
	at: number;
	made?: { part: PlanPart; k: number };
}

interface Layout {
	schema: ColumnSchema[];
	from: LaidOut[];
}

/** What was made of a table's columns before, and by which parameters. */
interface Kept {
	columns: KeptColumns;
	by: object;
}

/** Turns the description of a column step into a step with its vector form and its row form. */
// eslint-disable-next-line max-lines-per-function -- all forms of a step share its plan
export function columnStep<P, C = null>(def: ColumnStep<P, C>): Step<P, ColumnState<C>> {
	const plan = (input: readonly ColumnSchema[], params: P, state: ColumnState<C>): PlanPart[] => {
		const chosen = state
			? state.columns.map((c) => ({ source: input[columnIndex(input, c.name)], state: c.state as C | undefined }))
			: chooseColumns(input, def.columns(params), def.accepts, def.roles, def.byDefault).map((source) => ({ source, state: undefined }));
		const taken = new Set(input.map((c) => c.name));
		return chosen.map(({ source, state: own }) => {
			const { keep = false, made } = def.make(source, params, own);
			return {
				source,
				state: own,
				keep,
				made: made.map((m) =>
					m.schema.name === source.name ? m : { ...m, schema: { ...m.schema, name: takeName(m.schema.name, taken) } },
				),
			};
		});
	};

	const assemble = <T>(
		input: ReadonlyArray<{ schema: ColumnSchema; value: T }>,
		parts: PlanPart[],
		value: (part: PlanPart, k: number) => T,
	): Array<{ schema: ColumnSchema; value: T }> => {
		const bySource = new Map(parts.map((p) => [p.source.name, p]));
		const inPlace: Array<{ schema: ColumnSchema; value: T }> = [];
		const added: Array<{ schema: ColumnSchema; value: T }> = [];
		for (const c of input) {
			const part = bySource.get(c.schema.name);
			const own = part ? part.made.findIndex((m) => m.schema.name === c.schema.name) : -1;
			if (part && own >= 0) inPlace.push({ schema: part.made[own].schema, value: value(part, own) });
			else if (!part || part.keep) inPlace.push(c);
		}
		for (const part of parts)
			part.made.forEach((m, k) => {
				if (m.schema.name !== part.source.name) added.push({ schema: m.schema, value: value(part, k) });
			});
		return [...inPlace, ...added];
	};

	/** The columns that come out: each one of those before, by its place, or one that a part makes of it. */
	const layout = (input: readonly ColumnSchema[], params: P, state: ColumnState<C>): Layout => {
		const parts = plan(input, params, state);
		const places = new Map(input.map((c, at) => [c.name, at]));
		const columns = assemble<LaidOut>(
			input.map((schema, at) => ({ schema, value: { at } })),
			parts,
			(part, k) => ({ at: places.get(part.source.name)!, made: { part, k } }),
		);
		return { schema: columns.map((c) => c.schema), from: columns.map((c) => c.value) };
	};
	// A model is asked again and again with the same columns: thousands of them are planned once.
	const known = new WeakMap<readonly ColumnSchema[], { params: P; state: ColumnState<C>; layout: Layout }>();
	const layoutOf = (input: readonly ColumnSchema[], params: P, state: ColumnState<C>): Layout => {
		const before = known.get(input);
		if (before && before.params === params && before.state === state) return before.layout;
		const fresh = layout(input, params, state);
		known.set(input, { params, state, layout: fresh });
		return fresh;
	};

	const build = (frame: Frame, layout: Layout, value: (part: PlanPart, k: number, vector: Vector) => Vector, kept?: Kept): Frame => {
		const vectors = layout.from.map(({ at }) => frame.vectors[at]);
		const outcome = (i: number): Vector => {
			const { made } = layout.from[i];
			return made ? value(made.part, made.k, vectors[i]) : vectors[i];
		};
		return {
			...frame,
			schema: layout.schema,
			vectors: kept ? kept.columns.each(frame, kept.by, layout, vectors, outcome) : vectors.map((_, i) => outcome(i)),
		};
	};

	const transform = (frame: Frame, params: P, state: ColumnState<C>, kept?: KeptColumns): Frame => {
		const derived = (part: PlanPart, k: number, vector: Vector): Vector => {
			const again: StepAgain = { step: def.id, params, column: part.source, state: part.state, at: k };
			return deriveVector(vector, part.made[k].derive, again);
		};
		return build(frame, layoutOf(frame.schema, params, state), derived, kept && { columns: kept, by: params as object });
	};

	const { fit: fitColumn, ownValues } = def;
	const fit =
		fitColumn &&
		((frame: Frame, params: P, context: FitStepContext): ColumnState<C> | Promise<ColumnState<C>> => {
			const chosen = chooseColumns(frame.schema, def.columns(params), def.accepts, def.roles, def.byDefault);
			const vectors = chosen.map((c) => vectorOf(frame, c.name));
			const fitOne = (i: number): C | undefined => fitColumn({ schema: chosen[i], vector: vectors[i], frame }, params, context);
			// What is used now is what will be read back later, to the last bit (JSON has no -0).
			const stateOf = (states: ReadonlyArray<C | undefined>): ColumnState<C> =>
				JSON.parse(
					JSON.stringify({ columns: chosen.flatMap(({ name }, i) => (states[i] === undefined ? [] : [{ name, state: states[i] }])) }),
				) as ColumnState<C>;
			if (!context.crew || def.needsTarget) return stateOf(chosen.map((_, i) => fitOne(i)));
			const tasks = vectors.map((v, i): FitTask | undefined =>
				isNumberVector(v) ? { kind: 'fit', step: def.id, params, column: chosen[i], vector: shareNumbers(v) } : undefined,
			);
			return context.crew.run(tasks, fitOne).then(stateOf);
		});

	return {
		id: def.id,
		version: def.version,
		label: def.label,
		description: def.description,
		group: def.group,
		stage: def.stage,
		rows: 'keep',
		needsTarget: def.needsTarget,
		byRole: def.roles,
		params: def.params,
		explain: def.explain,
		outputs: (input, params, state) =>
			assemble(
				input.map((schema) => ({ schema, value: null })),
				plan(input, params, state),
				() => null,
			).map((c) => c.schema),
		reads(input, params, state, needed) {
			const sources = new Map(
				plan(input, params, state).flatMap(({ source, made }) => made.map((m): [string, string] => [m.schema.name, source.name])),
			);
			return needed.map((name) => sources.get(name) ?? name);
		},
		fit,
		transform,
		fitTransform:
			fit &&
			ownValues &&
			(async (frame, params, context) => {
				const state = await fit(frame, params, context);
				const own = new Map(
					(state?.columns ?? []).map((c) => {
						const schema = frame.schema[columnIndex(frame.schema, c.name)];
						return [c.name, ownValues({ schema, vector: vectorOf(frame, c.name), frame }, params, c.state, context)];
					}),
				);
				const values = (part: PlanPart, k: number): Vector => (own.get(part.source.name) ?? [])[k];
				return { frame: build(frame, layout(frame.schema, params, state), values), state };
			}),
		derived: (input, params, state) =>
			plan(input, params, state).flatMap(({ source, made }) =>
				made.map((m) => ({ source: source.name, name: m.schema.name, derive: m.derive })),
			),
		ofColumn: {
			fit: fitColumn && !def.needsTarget ? (column, params) => fitColumn(column, params, { classes: 0, seed: 0 }) : undefined,
			derives: (column, params, state) => def.make(column, params, state as C | undefined).made.map((m) => m.derive),
		},
		row(input, params, state) {
			const parts = plan(input, params, state).map(({ source, keep, made }) => ({
				source: source.name,
				drop: !keep && !made.some((m) => m.schema.name === source.name),
				made: made.map((m) => ({ name: m.schema.name, map: valueDeriver(m.derive) })),
			}));
			return (row: Row) => {
				for (const part of parts) {
					const value = row[part.source];
					for (const { name, map } of part.made) row[name] = map(value);
					if (part.drop) delete row[part.source];
				}
			};
		},
	};
}
