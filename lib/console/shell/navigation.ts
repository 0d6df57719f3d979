import type { IconName } from '../components/Icon.js';

/** What the navigation offers, in groups; an entry is shown where `pages/index.ts` has a page at its path. */
export const NAVIGATION: ReadonlyArray<{ label?: string; entries: ReadonlyArray<{ path: string; label: string; icon: IconName }> }> = [
	{ entries: [{ path: '/', label: 'Overview', icon: 'overview' }] },
	{
		label: 'Build',
		entries: [
			{ path: '/models', label: 'Models', icon: 'model' },
			{ path: '/trainings', label: 'Trainings', icon: 'training' },
			{ path: '/datasets', label: 'Datasets', icon: 'dataset' },
		],
	},
	{
		label: 'Watch',
		entries: [
			{ path: '/serving', label: 'Serving', icon: 'serving' },
			{ path: '/quality', label: 'Quality and drift', icon: 'quality' },
			{ path: '/incidents', label: 'Incidents', icon: 'incident' },
		],
	},
	{
		label: 'Decide',
		entries: [
			{ path: '/approvals', label: 'Approvals', icon: 'approval' },
			{ path: '/audit', label: 'Audit', icon: 'audit' },
			{ path: '/people', label: 'People and keys', icon: 'people' },
		],
	},
];
