import type { Page } from './page.js';

/** All pages. Which of them the navigation shows, and under which words, says `shell/navigation.ts`. */
export const pages: readonly Page[] = [
	{ path: '/', title: 'Overview', role: 'viewer', load: async () => (await import('./overview/Overview.js')).Overview },
	{ path: '/trainings', title: 'Trainings', role: 'viewer', load: async () => (await import('./trainings/Trainings.js')).Trainings },
	{ path: '/trainings/:run', title: 'Training', role: 'viewer', load: async () => (await import('./trainings/Training.js')).Training },
	{
		path: '/trainings/:run/differences/:other',
		title: 'Two trainings compared',
		role: 'viewer',
		load: async () => (await import('./trainings/RunDifferences.js')).RunDifferences,
	},
	{ path: '/serving', title: 'Serving', role: 'viewer', load: async () => (await import('./serving/Serving.js')).Serving },
	{ path: '/serving/:rollout', title: 'Rollout', role: 'viewer', load: async () => (await import('./serving/Rollout.js')).RolloutPage },
	{ path: '/incidents', title: 'Incidents', role: 'viewer', load: async () => (await import('./incidents/Incidents.js')).Incidents },
	{ path: '/incidents/:incident', title: 'Incident', role: 'viewer', load: async () => (await import('./incidents/Incident.js')).Incident },
	{ path: '/approvals', title: 'Approvals', role: 'viewer', load: async () => (await import('./approvals/Approvals.js')).Approvals },
	{ path: '/approvals/:id', title: 'Approval', role: 'viewer', load: async () => (await import('./approvals/Approval.js')).Approval },
	{ path: '/audit', title: 'Audit', role: 'viewer', load: async () => (await import('./audit/Audit.js')).Audit },
	{ path: '/people', title: 'People and keys', role: 'administrator', load: async () => (await import('./people/People.js')).People },
	{ path: '/account', title: 'Your account', role: 'viewer', load: async () => (await import('./account/Account.js')).Account },
	{ path: '/welcome', title: 'Welcome', role: 'none', load: async () => (await import('./signIn/Welcome.js')).Welcome },
	{ path: '/models', title: 'Models', role: 'viewer', load: async () => (await import('./models/Models.js')).Models },
	{ path: '/models/:model', title: 'Model', role: 'viewer', load: async () => (await import('./models/Model.js')).Model },
	{ path: '/models/:model/:version', title: 'Version', role: 'viewer', load: async () => (await import('./models/Version.js')).Version },
	{ path: '/datasets', title: 'Datasets', role: 'viewer', load: async () => (await import('./datasets/Datasets.js')).Datasets },
	{ path: '/datasets/:dataset', title: 'Dataset', role: 'viewer', load: async () => (await import('./datasets/Dataset.js')).Dataset },
	{
		path: '/datasets/:dataset/:version',
		title: 'Dataset',
		role: 'viewer',
		load: async () => (await import('./datasets/Dataset.js')).Dataset,
	},
	{
		path: '/quality',
		title: 'Quality and drift',
		role: 'viewer',
		load: async () => (await import('./quality/QualityList.js')).QualityList,
	},
	{
		path: '/quality/:monitor',
		title: 'Quality and drift',
		role: 'viewer',
		load: async () => (await import('./quality/Monitor.js')).Monitor,
	},
	{ path: '/sign-in', title: 'Sign in', role: 'none', load: async () => (await import('./signIn/SignIn.js')).SignIn },
];
