import type { ColumnSchema } from '../domain/column.js';
import { dictionary, own } from '../domain/dictionary.js';
import { MlopsError } from '../domain/errors.js';
import type { FittedRecipe } from '../domain/recipe.js';
import type { Value } from '../data/frame.js';
import type { Row, Step } from './contract.js';
import { valueDeriver } from './derive.js';
import { readyStep, rolesWithout } from './fit.js';

/** A fitted recipe for single rows, as at prediction (unlabelled); the answers are those of `transformRecipe`. */
export interface CompiledRecipe {
	/** Takes a typed row (dates as UTC milliseconds, booleans as 0/1; see lib/data's castRaw) and returns a new one. */
	row(raw: Row): Row;
	/** The same without a new row: values by place, the same array each time, good until the next call. */
	values(raw: Row): readonly Value[];
	/** The place of a column that comes out. */
	place(name: string): number;
}

type Work = (values: Value[]) => void;

/**
 * Compiles a fitted recipe: each column has a place in one list from its name on, so a step costs its arithmetic and no search for names.
 * @throws `recipe.no_row_form`
 */
export function compileRecipe(fitted: FittedRecipe): CompiledRecipe {
	let schema: ColumnSchema[] = fitted.input;
	const inputs = fitted.input.map((c) => c.name);
	const places = new Map(inputs.map((name, i) => [name, i]));
	let next = inputs.length;
	const works: Work[] = [];
	for (const [position, declared] of fitted.steps.entries()) {
		const { step, params } = readyStep(declared, position);
		if (step.rows === 'drop') continue;
		if (step.labelledOnly) {
			schema = rolesWithout(step, params, declared.state, schema);
			continue;
		}
		if (!step.row)
			throw new MlopsError(
				'recipe.no_row_form',
				`Step ${position + 1} (${step.label}) cannot be applied to single rows: ${step.noRowForm ?? 'it has no row form'}`,
				{ remedy: 'Predict whole datasets with this model, or train it without this step.' },
			);
		const made = step.derived ? derivedWorks(step, params, declared.state, schema) : rowWorks(step, params, declared.state, schema);
		for (const { name, place, work } of made) {
			works.push(work);
			places.set(name, place);
		}
		schema = step.outputs(schema, params, declared.state);
	}
	const outputs = schema.map((c) => c.name);
	const ends = outputs.map((name) => places.get(name)!);
	const list = new Array<Value>(next).fill(null);
	const values = (raw: Row): readonly Value[] => {
		for (let i = 0; i < inputs.length; i++) list[i] = own(raw, inputs[i]) ?? null;
		for (const work of works) work(list);
		return list;
	};
	return {
		values,
		place: (name) => places.get(name)!,
		row(raw) {
			values(raw);
			const row: Row = dictionary();
			for (let i = 0; i < ends.length; i++) row[outputs[i]] = list[ends[i]];
			return row;
		},
	};

	/** What a step that treats each column by itself makes; all of it reads places of before. */
	function derivedWorks(step: Step, params: unknown, state: unknown, input: ColumnSchema[]) {
		return step.derived!(input, params, state).map(({ source, name, derive }) => {
			const from = places.get(source)!;
			const place = next++;
			const map = valueDeriver(derive);
			const work: Work = (list) => {
				list[place] = map(list[from]);
			};
			return { name, place, work };
		});
	}

	/** A step that makes one column of several reads them from a row of its own; others change no value. */
	function rowWorks(step: Step, params: unknown, state: unknown, input: ColumnSchema[]) {
		const name =
			step.makes &&
			step
				.outputs(input, params, state)
				.map((c) => c.name)
				.find((c) => isMade(step, params, input, c));
		if (name === undefined) return [];
		const sources = [...step.reads!(input, params, state, [name])];
		const from = sources.map((source) => places.get(source)!);
		const apply = step.row!(input, params, state);
		const place = next++;
		const work: Work = (list) => {
			const row: Row = dictionary();
			for (let i = 0; i < from.length; i++) row[sources[i]] = list[from[i]];
			apply(row);
			list[place] = row[name] ?? null;
		};
		return [{ name, place, work }];
	}
}

/** Whether this column is the one that the step makes: it is new, or the name that was entered. */
const isMade = (step: Step, params: unknown, input: ColumnSchema[], name: string): boolean =>
	step.makes!(params as Record<string, unknown>) === name || !input.some((c) => c.name === name);
