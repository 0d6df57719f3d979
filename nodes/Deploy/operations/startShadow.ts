import { shadowParams } from '../../../lib/app/rolloutParams.js';
import { starting } from './rollout.js';

export const startShadow = starting(
	'shadow',
	shadowParams,
	{
		name: 'Start a Shadow',
		value: 'startShadow',
		action: 'Start a shadow',
		description: 'Let a new version answer as well, unseen, and compare its answers with those that callers get',
	},
	'shadow',
);
