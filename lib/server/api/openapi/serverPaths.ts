import { SCOPES } from '../../../domain/apiKey.js';
import { taskType } from '../../../domain/column.js';
import { ROLLOUT_KINDS } from '../../../domain/rollout.js';
import { consolePaths } from './consolePaths.js';
import { FEEDBACK_PATHS, FEEDBACK_SCHEMAS } from './feedbackPaths.js';
import { answers, get, inPath, list, NAME, object, text, VERSION } from './parts.js';
import { ROLLOUT_PATHS, ROLLOUT_SCHEMAS } from './rolloutPaths.js';
import type { Schema } from './row.js';
import { json, needs, OPEN, READING, ref, responses, SECURED } from './sharedComponents.js';

const MODEL = inPath({ model: NAME });

/** What can go wrong where a name stands in the address. */
const NAMED = [...READING, 'BadRequest', 'LongName'] as const;

/** Addresses that are about no one model, in what they say and in whom they let in. */
export function serverPaths(): { paths: Readonly<Record<string, Schema>>; schemas: Readonly<Record<string, Schema>> } {
	return {
		paths: { ...PATHS, ...ROLLOUT_PATHS, ...FEEDBACK_PATHS, ...consolePaths() },
		schemas: { ...SCHEMAS, ...ROLLOUT_SCHEMAS, ...FEEDBACK_SCHEMAS },
	};
}

const THIS_DOCUMENT = { description: 'OpenAPI 3.1.', content: json({ type: 'object', required: ['openapi', 'paths'] }) };

const PATHS: Readonly<Record<string, Schema>> = {
	'/v1/models': get('list_models', 'server', 'The models that are served', {
		...SECURED,
		responses: responses(answers('Models', 'All that the key is good for.'), ['KeyMissing', 'NotAllowed', 'Failed', 'Unavailable']),
	}),
	'/v1/models/{model}': {
		...MODEL,
		...get('get_model', 'server', 'A model, and what a row for it must look like', {
			...SECURED,
			responses: responses(answers('ModelInFull', 'By its champion, else by its newest version.'), NAMED),
		}),
	},
	'/v1/models/{model}/openapi.json': {
		...MODEL,
		...get('describe_model', 'server', 'This document, of one model alone', { ...SECURED, responses: responses(THIS_DOCUMENT, NAMED) }),
	},
	'/v1/models/{model}/versions/{version}/openapi.json': {
		...inPath({ model: NAME, version: VERSION }),
		...get('describe_version', 'server', 'This document, of one version alone', {
			...SECURED,
			responses: responses(THIS_DOCUMENT, [...NAMED, 'Archived']),
		}),
	},
	'/v1/whoami': get('whoami', 'server', 'Whose key this is, and what it opens', {
		...SECURED,
		responses: responses(answers('Whoami', 'What the caller may do.'), ['KeyMissing', 'Failed', 'Unavailable']),
	}),
	'/openapi.json': get('describe_server', 'server', 'This document', {
		...SECURED,
		responses: responses(THIS_DOCUMENT, ['KeyMissing', 'NotAllowed', 'Failed', 'Unavailable']),
	}),
	'/health/live': get('live', 'health', 'Whether the server runs', { ...OPEN, responses: { 200: answers('Live', 'It runs.') } }),
	'/health/ready': get('ready', 'health', 'Whether the server can answer', {
		...OPEN,
		responses: { 200: answers('Readiness', 'It can.'), 503: answers('Readiness', 'It cannot.') },
	}),
	'/metrics': get('metrics', 'health', 'Figures for Prometheus, of all listeners together', {
		...needs('read'),
		responses: responses({ description: 'Text format 0.0.4.', content: { 'text/plain': { schema: { type: 'string' } } } }, [
			'KeyMissing',
			'NotAllowed',
			'Failed',
			'Unavailable',
		]),
	}),
};

const MODEL_FIELDS: Readonly<Record<string, Schema>> = {
	name: text(),
	aliases: { type: 'object', additionalProperties: VERSION, description: 'The version that each alias points to.' },
	versions: list(VERSION),
	archived: { ...list(VERSION), description: 'Versions that are not to be used any more.' },
	rollouts: list(
		object(
			{
				id: text(),
				kind: { enum: [...ROLLOUT_KINDS] },
				alias: text('The alias whose callers are divided.'),
				candidates: list(object({ version: VERSION, share: { type: 'number', minimum: 0, maximum: 1 } }, ['version', 'share'])),
			},
			['id', 'kind', 'alias', 'candidates'],
		),
	),
	failed: { type: 'object', additionalProperties: text(), description: 'Versions that cannot be loaded, with the reason.' },
};
const MODEL_REQUIRED = ['name', 'aliases', 'versions'];

const SCHEMAS: Readonly<Record<string, Schema>> = {
	Model: object(MODEL_FIELDS, MODEL_REQUIRED),
	Models: object({ models: list(ref('schemas', 'Model')) }, ['models']),
	ModelInFull: object(
		{
			...MODEL_FIELDS,
			task: { enum: [...taskType.options] },
			target: text('The column that it answers.'),
			classes: list({ type: ['string', 'number', 'boolean'] }),
			signature: list(object({ name: text(), type: text(), required: { type: 'boolean' } }, ['name', 'type', 'required'])),
			example: { type: 'object', description: 'A row that it answers.' },
			model_version_status: {
				...list(
					object(
						{
							version: text(),
							state: text(),
							status: object({ error_code: text(), error_message: text() }, ['error_code', 'error_message']),
						},
						['version', 'state', 'status'],
					),
				),
				description: 'The versions as TensorFlow Serving tells of them at the same address.',
			},
		},
		[...MODEL_REQUIRED, 'task', 'signature'],
	),
	Whoami: object(
		{
			keys: { type: 'boolean', description: 'Whether this server asks for keys. Where it does not, everybody may do everything.' },
			scopes: list({ enum: [...SCOPES] }),
			id: text('Public part of the key.'),
			label: text('What it is for.'),
			models: { ...list(text()), description: 'Models that it is good for; absent: all.' },
			expiresAt: text('When it ends; absent: never.'),
		},
		['keys', 'scopes'],
	),
	Live: object({ live: { const: true }, store: text('Id of the store.') }, ['live']),
	Readiness: object(
		{
			ready: { type: 'boolean' },
			models: { type: 'integer', minimum: 0, description: 'How many are served.' },
			failed: list(
				object(
					{
						model: text(),
						version: VERSION,
						why: text(),
						serving: { type: 'boolean', description: 'Whether its aliases answer all the same.' },
					},
					['model', 'version', 'why', 'serving'],
				),
			),
			held: {
				...list(object({ model: text(), rollout: text(), why: text() }, ['model', 'rollout', 'why'])),
				description: 'Rollouts whose callers all get the stable version, since it is not known whether they go on.',
			},
			store: text('Since when the store is away; absent while it is seen.'),
			log: text('Since when the log of answers cannot be written; absent while it is.'),
		},
		['ready', 'models'],
	),
};
