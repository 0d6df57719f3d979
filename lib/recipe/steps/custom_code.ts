import { z } from 'zod/v4';
import { columnSchema, isNumeric, type ColumnSchema, type ColumnType } from '../../domain/column.js';
import { MlopsError } from '../../domain/errors.js';
import { isNumberVector, type Frame, type Vector } from '../../data/frame.js';
import type { Cells } from '../code/codeMessages.js';
import { runCode } from '../code/runCode.js';
import { defineStep } from '../contract.js';
import { textVector } from '../derive.js';

const EXAMPLE = "df.addColumn('ratio', df['a'].div(df['b']), { inplace: true });\nreturn df;";

const params = z.object({
	code: z
		.string()
		.min(1)
		.meta({
			title: 'Code',
			description:
				'JavaScript that gets the data as df (a danfojs data frame, much like pandas) or as columns, and returns it changed. It ' +
				'has no access to files, network or n8n. It must keep all rows in their order, and sees dates as milliseconds since 1970.',
			ui: 'code',
			placeholder: EXAMPLE,
		}),
	data_as: z
		.enum(['dataframe', 'columns'])
		.default('dataframe')
		.meta({
			title: 'Data as',
			description: 'How the code sees the data. Plain columns are many times faster for more than some ten thousand rows.',
			labels: { dataframe: 'df: a danfojs data frame (the library is dfd)', columns: 'columns: an object of lists' },
		}),
	seconds: z.number().min(1).max(600).default(60).meta({ title: 'Seconds', description: 'How long the code may take.', advanced: true }),
	memory_mb: z
		.number()
		.int()
		.min(64)
		.max(3500)
		.default(512)
		.meta({ title: 'Memory (MB)', description: 'How much memory the code may use.', advanced: true }),
});
type Params = z.infer<typeof params>;
const stateSchema = z.array(columnSchema);

/** The columns that the code made of the training rows; later answers are brought to these types. */
type Learned = ColumnSchema[] | null;

function cellsOf(column: ColumnSchema, v: Vector): Cells {
	if (!isNumberVector(v)) return Array.from(v.codes, (code) => (code === 0 ? null : v.dictionary[code - 1]));
	if (column.type === 'boolean') return Array.from(v.data, (x) => (Number.isNaN(x) ? null : x !== 0));
	return Array.from(v.data, (x) => (Number.isNaN(x) ? null : x));
}

/** The data cross into the sandbox as text; beyond this they would not fit its memory. */
const MAX_CELLS = 10_000_000;

async function run(frame: Frame, p: Params): Promise<Map<string, Cells>> {
	if (frame.rows * frame.schema.length > MAX_CELLS) {
		throw new MlopsError(
			'recipe.code_failed',
			`Custom code can work on up to ${MAX_CELLS.toLocaleString('en')} values, ` +
				`but got ${frame.rows} rows of ${frame.schema.length} columns.`,
			{ remedy: 'Use the Expression step, or leave out columns or rows before.' },
		);
	}
	const columns = frame.schema.map((c, i): [string, Cells] => [c.name, cellsOf(c, frame.vectors[i])]);
	const answer = await runCode({
		code: p.code,
		columns,
		dataFrame: p.data_as === 'dataframe',
		seconds: p.seconds,
		memoryBytes: p.memory_mb * 2 ** 20,
	});
	for (const [name, cells] of answer) {
		if (cells.length === frame.rows) continue;
		throw new MlopsError(
			'recipe.code_failed',
			`The custom code returned ${cells.length} rows in column "${name}", but got ${frame.rows}.`,
			{
				column: name,
				expected: `${frame.rows} rows`,
				found: String(cells.length),
				remedy: 'Keep all rows in their order; use "Filter rows" to leave some out.',
			},
		);
	}
	return new Map(answer);
}

/** The type of an answer's values; a column that was there keeps its type as long as its values fit. */
function typeOf(cells: Cells, before: ColumnSchema | undefined): ColumnType {
	const kinds = new Set<string>();
	for (const v of cells) if (v !== null) kinds.add(typeof v);
	if (before && [...kinds].every((k) => (isNumeric(before.type) ? k !== 'string' : k === 'string')))
		return before.type === 'integer' && cells.some((v) => typeof v === 'number' && !Number.isInteger(v)) ? 'number' : before.type;
	if (kinds.has('string')) return 'category';
	return kinds.size === 1 && kinds.has('boolean') ? 'boolean' : 'number';
}

function vectorFrom(cells: Cells, type: ColumnType): Vector {
	if (!isNumeric(type))
		return textVector(cells.length, (i) => {
			const v = cells[i];
			return v === null ? null : String(v);
		});
	const narrow = type === 'boolean' ? (x: number) => (x === 0 || x === 1 ? x : NaN) : (x: number) => x;
	return { data: Float64Array.from(cells, (v) => (v === null || typeof v === 'string' ? NaN : narrow(Number(v)))) };
}

function framed(frame: Frame, answer: Map<string, Cells>, schema: ColumnSchema[]): Frame {
	const vectors = schema.map((c) => {
		const cells = answer.get(c.name);
		if (cells) return vectorFrom(cells, c.type);
		throw new MlopsError('recipe.code_failed', `The custom code made a column "${c.name}" of the training rows, but not of these.`, {
			column: c.name,
			remedy: 'Make the same columns whatever the rows hold.',
		});
	});
	return { rows: frame.rows, rowId: frame.rowId, schema, vectors };
}

function learn(frame: Frame, answer: Map<string, Cells>): ColumnSchema[] {
	const before = new Map(frame.schema.map((c) => [c.name, c]));
	return [...answer].map(([name, cells]): ColumnSchema => {
		const old = before.get(name);
		const type = typeOf(cells, old);
		return old && old.type === type ? old : { name, type, role: old?.role ?? 'feature' };
	});
}

/** People's own JavaScript on a danfojs data frame, in a sandbox, off unless the installation allows it. */
export const customCode = defineStep<Params, Learned>({
	id: 'custom_code',
	version: 1,
	label: 'Custom code',
	group: 'feature',
	stage: 'fold',
	rows: 'keep',
	params,
	description: 'Runs your own JavaScript on a data frame, in a sandbox; must be allowed by whoever runs n8n.',
	noRowForm: 'Custom code works on whole tables.',
	outputs: (input, _, state) => (state ? stateSchema.parse(state) : [...input]),
	async fit(frame, p) {
		return learn(frame, await run(frame, p));
	},
	async transform(frame, p, state) {
		const answer = await run(frame, p);
		return framed(frame, answer, state ? stateSchema.parse(state) : learn(frame, answer));
	},
	async fitTransform(frame, p) {
		const answer = await run(frame, p);
		const state = learn(frame, answer);
		return { frame: framed(frame, answer, state), state };
	},
	explain: (p) => `Runs your own code (${p.code.length} characters).`,
});
