import { ROLLOUT_KINDS, type RolloutKind } from '../../../domain/rollout.js';
import { itemDeployment, itemRollout } from '../../../domain/item.js';
import { PARAMS } from '../../../app/rolloutParams.js';
import { answers, get, inPath, list, NAME, object, post, schemaOf } from './parts.js';
import type { Schema } from './row.js';
import { json, needs, READING, ref, responses } from './sharedComponents.js';

const READ = [...READING, 'BadRequest', 'LongName'] as const;
const CHANGE = [...READ, 'TooSlow', 'Refused', 'TooLarge', 'WrongType'] as const;
const ROLLOUT = inPath({ model: NAME, id: { ...NAME, description: 'Id of the rollout.' } });
const TAG = 'rollouts';

const LONGEST_REASON = 2_000;
const reason = (description: string): Schema => ({ type: 'string', maxLength: LONGEST_REASON, description });
const REASON = { reason: reason('Why, for the audit log.') };

const change = (what: string, summary: string, body: Readonly<Record<string, Schema>>, answer: string): Schema => ({
	...ROLLOUT,
	...post(`${what}_rollout`, TAG, summary, {
		...needs('deploy'),
		requestBody: {
			content: json(
				{ ...object(body, []), additionalProperties: false },
				{ examples: { 'with its reason': { value: { reason: 'As agreed.' } } } },
			),
		},
		responses: responses(answers(answer, 'The rollout as it is now.'), CHANGE),
	}),
});

/** Rollouts of a model: to look at, to start, and to change. */
export const ROLLOUT_PATHS: Readonly<Record<string, Schema>> = {
	'/v1/models/{model}/rollouts': {
		...inPath({ model: NAME }),
		...get('list_rollouts', TAG, 'The rollouts of a model, the latest first', {
			...needs('read'),
			responses: responses(answers('Rollouts', 'Those that run and those that ended.'), READ),
		}),
		...post('start_rollout', TAG, 'Let a version in carefully', {
			description: 'Gate and approval hold as for an alias. Fields that are left out are as in the form of MLOps Deploy.',
			...needs('deploy'),
			requestBody: {
				required: true,
				content: json({ oneOf: ROLLOUT_KINDS.map((kind) => ref('schemas', nameOf(kind))) }, { examples: examples() }),
			},
			responses: responses(answers('Rollout', 'It runs; with `preview`, what would happen.'), CHANGE, 201),
		}),
	},
	'/v1/models/{model}/rollouts/{id}': {
		...ROLLOUT,
		...get('get_rollout', TAG, 'How a rollout stands', {
			...needs('read'),
			responses: responses(answers('Rollout', 'With what its guards and the truth say.'), READ),
		}),
	},
	'/v1/models/{model}/rollouts/{id}/step': change('step', 'Give the new version its next share', REASON, 'Rollout'),
	'/v1/models/{model}/rollouts/{id}/abort': change('abort', 'Put everything back to the stable version', REASON, 'Rollout'),
	'/v1/models/{model}/rollouts/{id}/promote': change(
		'promote',
		'Give the alias to the new version',
		{
			...REASON,
			version: { type: 'integer', description: 'Which, where several take part.' },
			override_reason: reason('Promotes in spite of a failed gate or a missing approval; kept in the audit log for good.'),
		},
		'Promoted',
	),
};

function nameOf(kind: RolloutKind): string {
	return `Start_${kind}`;
}

function examples(): Schema {
	return {
		canary: { value: { kind: 'canary', version: 2, shares: [5, 25, 50], minutes: 60, answers: 1000 } },
		shadow: { value: { kind: 'shadow', version: 2 } },
		'A/B test': { value: { kind: 'ab', version: 2, share: 50 } },
	};
}

/** What starts a rollout of a kind. */
function startSchema(kind: RolloutKind): Schema {
	const { properties } = schemaOf(PARAMS[kind]);
	return {
		...object(
			{
				kind: { const: kind },
				version: { type: ['integer', 'string'], description: 'The new version, by its number or an alias.' },
				preview: { type: 'boolean', default: false, description: 'Only say what would happen.' },
				...(properties as Readonly<Record<string, Schema>>),
			},
			['kind', 'version'],
		),
		additionalProperties: false,
	};
}

export const ROLLOUT_SCHEMAS: Readonly<Record<string, Schema>> = {
	Rollout: schemaOf(itemRollout),
	Rollouts: object({ rollouts: list(ref('schemas', 'Rollout')) }, ['rollouts']),
	Promoted: object({ rollout: ref('schemas', 'Rollout'), deployment: schemaOf(itemDeployment) }, ['rollout', 'deployment']),
	...Object.fromEntries(ROLLOUT_KINDS.map((kind) => [nameOf(kind), startSchema(kind)])),
};
