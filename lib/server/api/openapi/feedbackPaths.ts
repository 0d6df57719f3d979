import { itemFeedback } from '../../../domain/item.js';
import { answers, list, object, post, schemaOf, text } from './parts.js';
import type { Schema } from './row.js';
import { needs, ref, responses } from './sharedComponents.js';

/** As lib/server/api/registerFeedback.ts takes what addresses and bodies say of all rows. */
const LONGEST = 200;
const short = (description: string): Schema => ({ type: 'string', maxLength: LONGEST, description });
const OF_ALL: Readonly<Record<string, Schema>> = {
	id: short("Field that holds the answer's id; else `id`."),
	key: short('Field that holds the key that was asked with; else `key`.'),
	time: short('Field that holds the time of the answer; else `time`.'),
	truth: short('Field that holds what turned out to be true; else `truth`.'),
	model: short('The model that rows are about which name none.'),
	batch: short('Id of this telling in the log; else one is made.'),
	empty: {
		enum: ['leave', 'takeBack'],
		description:
			'What an empty truth means: the row is left out (as a rule in CSV), or what was said before is taken back (as a rule in JSON).',
	},
};

/** Whole numbers beyond these bounds are refused: readers of JSON do not keep their digits. */
const NAME = { type: ['string', 'number', 'null'], minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER };
const TRUTH: Schema = {
	type: 'object',
	required: ['truth'],
	properties: {
		id: {
			...NAME,
			description: "The id that the answer came with, or the caller's own id of the request, where one answer alone was asked with it.",
		},
		key: { ...NAME, description: 'Or the key that was asked with; its latest answer until then, or until `time`, is meant.' },
		time: {
			type: ['string', 'number', 'null'],
			description: 'ISO 8601 (a date alone is its whole day), or seconds or milliseconds since 1970.',
		},
		model: { ...NAME, description: 'The model that answered, where a key alone does not say it.' },
		truth: { description: 'The class, or the value, that turned out to be true. `null` takes back what was said before.' },
	},
	anyOf: [{ required: ['id'] }, { required: ['key'] }],
};

const many = list(ref('schemas', 'Truth'));
const ID = '01890a5d-ac96-774b-bcce-b302099a8057';

/** A field that is misspelt is refused. */
const LISTED: Schema = { ...object({ truths: many, ...nullable(OF_ALL) }, ['truths']), additionalProperties: false };

/** `POST /v1/feedback`, in all of its forms. */
export const FEEDBACK_PATHS: Readonly<Record<string, Schema>> = {
	'/v1/feedback': post('tell_truth', 'feedback', 'Say what turned out to be true', {
		description:
			'Of one answer or of many. Answers when all that was taken is on the disk; a bad row is named with its reason and stops no other ' +
			'(one that stands alone is refused as a whole). Telling the same again changes nothing.',
		...needs('feedback'),
		parameters: Object.entries(OF_ALL).map(([name, { description, ...schema }]) => ({ name, in: 'query', description, schema })),
		requestBody: {
			required: true,
			content: {
				'application/json': {
					schema: { anyOf: [ref('schemas', 'Truth'), many, LISTED] },
					examples: {
						'one truth': { value: { id: ID, truth: 'yes' } },
						'a list': { value: [{ key: 'customer 7', time: '2026-01-31T14:03:00Z', truth: 'no' }] },
						'a list with its name': { value: { batch: 'june', truths: [{ id: ID, truth: null }] } },
					},
				},
				'application/x-ndjson': {
					schema: text('One truth a line, as JSON.'),
					examples: { lines: { value: `{"id":"${ID}","truth":"yes"}\n{"key":"customer 7","truth":"no"}\n` } },
				},
				'text/csv': {
					schema: text('A table with a line of names.'),
					examples: { table: { value: `id,truth\n${ID},yes\n` } },
				},
			},
		},
		responses: responses(answers('Told', 'What became of the rows.'), [
			'BadRequest',
			'KeyMissing',
			'NotAllowed',
			'TooSlow',
			'TooLarge',
			'WrongType',
			'Failed',
			'Unavailable',
		]),
	}),
};

/** In a body, null says nothing. */
function nullable(schemas: Readonly<Record<string, Schema>>): Record<string, Schema> {
	return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, { anyOf: [schema, { type: 'null' }] }]));
}

export const FEEDBACK_SCHEMAS: Readonly<Record<string, Schema>> = { Truth: TRUTH, Told: schemaOf(itemFeedback) };
