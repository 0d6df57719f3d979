import { MOST_CHANGEABLE } from '../../../domain/changes.js';
import { sha256 } from '../../../domain/json.js';
import type { ModelManifest } from '../../../domain/model.js';
import { taskById } from '../../../task/index.js';
import { dictionary } from '../../../domain/dictionary.js';
import { answerFields } from './answer.js';
import { cellSchema, exampleRow, rowSchema, type Schema } from './row.js';
import { ASKING, json, needs, ref, responses } from './sharedComponents.js';
import { cutText } from '../../../domain/text.js';

/** A version of a model under one of its addresses. */
export interface Described {
	name: string;
	version: number;
	manifest: ModelManifest;
	/** Aliases that point to it; `champion` is also what is asked where an address names none. */
	aliases: readonly string[];
	/** Whether its address by number is described too. */
	byNumber: boolean;
}

/** As lib/server/doors/own.ts takes them. */
const LONGEST_TEXT = 256;
/** The alias that is meant where an address names none. */
const CHAMPION = 'champion';

/**
 * What a version is called among components and operations, which may hold letters, digits and `_` alone: always the same, and never the
 * name of another one.
 */
export function labelOf({ name, version }: Pick<Described, 'name' | 'version'>): string {
	const plain = cutText(name.replaceAll(/[^A-Za-z0-9_]/g, '_'), 80);
	return `${plain === name ? name : `${plain}_${sha256(name).slice(0, 6)}`}_v${version}`;
}

/** Paths and schemas of one version. */
export function modelPaths(described: Described): {
	paths: Readonly<Record<string, Schema>>;
	schemas: Readonly<Record<string, Schema>>;
} {
	const { name, version, aliases, byNumber } = described;
	const label = labelOf(described);
	const base = `/v1/models/${encodeURIComponent(name.toWellFormed())}`;
	const places: Array<{ path: string; id: string; asked: string }> = [
		...(aliases.includes(CHAMPION) ? [{ path: base, id: '', asked: `the alias \`${CHAMPION}\`` }] : []),
		...aliases.map((alias, i) => ({
			path: `${base}/aliases/${encodeURIComponent(alias.toWellFormed())}`,
			id: `_alias${i ? i + 1 : ''}`,
			asked: `the alias ${code(alias)}`,
		})),
		...(byNumber ? [{ path: `${base}/versions/${version}`, id: '_version', asked: 'its number' }] : []),
	];
	const paths = places.flatMap(({ path, id, asked }) => [
		[`${path}/predict`, { post: operation(described, label, 'predict', id, asked) }] as const,
		[`${path}/explain`, { post: operation(described, label, 'explain', id, asked) }] as const,
	]);
	return { paths: Object.fromEntries(paths), schemas: schemasOf(described, label) };
}

/** A name as code in a description, whatever it holds. */
const code = (text: string): string => `\`${text.replaceAll('`', "'")}\``;

type Verb = 'predict' | 'explain';

function operation({ name, version, manifest }: Described, label: string, verb: Verb, id: string, asked: string): Schema {
	const finds = taskById(manifest.task).finds ?? `\`${manifest.target}\``;
	return {
		operationId: `${verb}_${label}${id}`,
		tags: [name],
		summary: verb === 'predict' ? `Predict ${finds} of rows` : `What moved the prediction of ${finds}, column by column`,
		description:
			`Version ${version} of ${code(name)}, by ${asked}.` +
			(verb === 'explain' ? ' As `predict`, with the share of every column in each answer.' : ''),
		...needs('predict'),
		parameters: [...(verb === 'predict' ? [ref('parameters', 'Reasons')] : []), ref('parameters', 'Key'), ref('parameters', 'RequestId')],
		requestBody: {
			required: true,
			content: json(ref('schemas', `${label}_Request`), { examples: examplesOf(manifest) }),
		},
		responses: responses(
			{
				description: 'The answer to the row, or one answer or error a row, in their order.',
				content: json(ref('schemas', `${label}_Result`)),
			},
			ASKING,
		),
	};
}

function examplesOf(manifest: ModelManifest): Schema {
	const row = exampleRow(manifest);
	return {
		'one row': { value: { row } },
		'several rows': { value: { rows: [row, row] } },
		columns: { value: { columns: dictionary(Object.entries(row).map(([name, value]) => [name, [value, value]] as const)) } },
	};
}

function schemasOf({ manifest }: Described, label: string): Readonly<Record<string, Schema>> {
	const { properties, required } = answerFields(manifest);
	const name = (what: string): string => `${label}_${what}`;
	return {
		[name('Row')]: rowSchema(manifest),
		[name('Request')]: requestSchema(manifest, ref('schemas', name('Row'))),
		[name('Answer')]: {
			type: 'object',
			required: ['model', 'version', 'requestId', 'id', ...required],
			properties: { ...HEAD, id: ROW_ID, ...properties },
		},
		[name('RowAnswer')]: { type: 'object', required: ['id', ...required], properties: { id: ROW_ID, ...properties } },
		[name('Answers')]: {
			type: 'object',
			required: ['model', 'version', 'requestId', 'answers'],
			properties: {
				...HEAD,
				answers: { type: 'array', items: { anyOf: [ref('schemas', name('RowAnswer')), ref('schemas', 'RowFailure')] } },
			},
		},
		[name('Result')]: { anyOf: [ref('schemas', name('Answer')), ref('schemas', name('Answers'))] },
	};
}

const ROW_ID: Schema = { type: 'string', description: 'Id of this answer, by which its truth may come back.' };

/** What every answer says of who gave it. */
const HEAD: Readonly<Record<string, Schema>> = {
	model: { type: 'string' },
	version: { type: 'integer', minimum: 1 },
	alias: { type: 'string', description: 'The alias that was asked; absent where a version was asked by its number.' },
	rollout: { type: 'string', description: 'The rollout that chose the version; absent where none runs.' },
	arm: { type: 'string', description: 'The arm of the rollout that answered.' },
	requestId: { type: 'string', description: "Id of the request: the caller's own, or one that was made." },
};

/** A text of the caller's own; numbers are taken as they are written, but for those whose digits JSON does not keep. */
const text = (description: string): Schema => ({
	type: ['string', 'number', 'null'],
	maxLength: LONGEST_TEXT,
	minimum: Number.MIN_SAFE_INTEGER,
	maximum: Number.MAX_SAFE_INTEGER,
	description,
});
const KEY = text('What is asked about (a customer, an order): arms of a rollout stick to it, and the truth may come back by it.');
const KEYS: Schema = { type: ['array', 'null'], items: text('The key of a row.'), description: 'A key for each row.' };
const CHANGES: Schema = {
	type: 'object',
	description: 'What would change the answer: for at most four rows a request.',
	required: ['columns'],
	properties: {
		columns: {
			type: 'array',
			items: { type: 'string' },
			minItems: 1,
			maxItems: MOST_CHANGEABLE,
			description: 'Columns that may be changed.',
		},
		wish: { type: 'string', description: 'The class that is wished (else any other one), or a limit for a number: ">= 250", "<= 12.5".' },
	},
	additionalProperties: false,
};
const REQUEST_ID = text(
	"The caller's own id of the request, given back with the answer; else one is made. The truth may come back by it (where one answer " +
		"alone was asked with it), by the answer's own id, or by `key`.",
);

/** One row, many, or columns: each with the caller's own keys and request id. */
function requestSchema({ signature }: ModelManifest, row: Schema): Schema {
	const form = (what: string, schema: Schema, keys: Readonly<Record<string, Schema>>): Schema => ({
		type: 'object',
		required: [what],
		properties: { [what]: schema, ...keys, requestId: REQUEST_ID, changes: CHANGES },
		additionalProperties: false,
	});
	const rows: Schema = { type: 'array', items: row };
	const columns: Schema = {
		type: 'object',
		description: 'Values of each column, all lists of the same length.',
		required: signature.filter((c) => c.required).map((c) => c.name),
		properties: dictionary(signature.map((c) => [c.name, { type: 'array', items: cellSchema(c) }] as const)),
		additionalProperties: { type: 'array' },
	};
	return {
		oneOf: [
			form('row', row, { key: KEY, keys: KEYS }),
			form('rows', rows, { key: KEY, keys: KEYS }),
			form('columns', columns, { key: KEY, keys: KEYS }),
			rows,
		],
	};
}
