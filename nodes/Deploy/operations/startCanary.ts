import { canaryParams } from '../../../lib/app/rolloutParams.js';
import { starting } from './rollout.js';

export const startCanary = starting(
	'canary',
	canaryParams,
	{
		name: 'Start a Canary',
		value: 'startCanary',
		action: 'Start a canary',
		description: 'Let a new version answer some callers first and more of them step by step, and take it out by itself when it does harm',
	},
	'canary',
);
