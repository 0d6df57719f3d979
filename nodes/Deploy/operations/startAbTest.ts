import { abParams } from '../../../lib/app/rolloutParams.js';
import { starting } from './rollout.js';

export const startAbTest = starting(
	'ab',
	abParams,
	{
		name: 'Start an A/B Test',
		value: 'startAbTest',
		action: 'Start an ab test',
		description: 'Divide the callers among two or more versions, each caller always to the same one, and see which is better',
	},
	'A/B test',
);
