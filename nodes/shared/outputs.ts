import { ANSWER } from '../../lib/app/answerItem.js';
import type { ItemFields, ItemJson } from '../../lib/domain/item.js';

/** Keys that each node's items carry; the output schemas of the editor are generated from these and the schemas in lib/domain/item.ts. */
export const OUTPUTS: Record<
	string,
	{
		folder: string;
		keys: Array<keyof ItemJson>;
		operations?: string[];
		/** Keys that items of version 2 of the node carry besides. */
		second?: Array<keyof ItemFields>;
	}
> = {
	mlopsIngest: { folder: 'Ingest', keys: ['dataset', 'recipe', 'profile', 'pages', 'report'] },
	mlopsClean: { folder: 'Clean', keys: ['dataset', 'recipe', 'profile', 'report'] },
	mlopsFeatureEngineer: { folder: 'FeatureEngineer', keys: ['dataset', 'recipe', 'profile', 'report'] },
	mlopsTrain: { folder: 'Train', keys: ['dataset', 'recipe', 'run', 'model', 'report'] },
	mlopsEvaluate: { folder: 'Evaluate', keys: ['dataset', 'recipe', 'run', 'model', 'evaluation', 'report'] },
	mlopsDeploy: {
		folder: 'Deploy',
		keys: [
			'dataset',
			'recipe',
			'run',
			'model',
			'evaluation',
			'approval',
			'deployment',
			'rollout',
			'watching',
			'imported',
			'exported',
			'onnx',
			'report',
		],
		operations: [
			'deploy',
			'rollback',
			'archive',
			'exportOnnx',
			'importModel',
			'startCanary',
			'startShadow',
			'startAbTest',
			'rolloutStatus',
			'promote',
			'abort',
			'watchModel',
		],
		second: [],
	},
	mlopsPredict: {
		folder: 'Predict',
		keys: ['dataset', 'recipe', 'model', 'predictions'],
		second: [...ANSWER, 'notYet', 'report'],
	},
	mlopsMonitorDrift: { folder: 'MonitorDrift', keys: ['dataset', 'recipe', 'drift', 'watched', 'report'], second: ['notYet'] },
	mlopsFeedback: { folder: 'Feedback', keys: ['dataset', 'recipe', 'feedback', 'notYet'] },
	mlopsNotify: {
		folder: 'Notify',
		keys: ['dataset', 'recipe', 'run', 'model', 'evaluation', 'drift', 'watched', 'deployment', 'approval'],
		operations: ['send', 'sendAndWait'],
		second: ['notYet'],
	},
	mlopsServer: { folder: 'Server', keys: ['event', 'server'] },
};
