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
		load: async () => (await import('./trainings/Differences.js')).Differences,
	},
	{ path: '/serving', title: 'Serving', role: 'viewer', load: async () => (await import('./serving/Serving.js')).Serving },
	{ path: '/serving/:rollout', title: 'Rollout', role: 'viewer', load: async () => (await import('./serving/Rollout.js')).RolloutPage },
	{ path: '/incidents', title: 'Incidents', role: 'viewer', load: async () => (await import('./incidents/Incidents.js')).Incidents },
	{ path: '/incidents/:incident', title: 'Incident', role: 'viewer', load: async () => (await import('./incidents/Incident.js')).Incident },
	{ path: '/sign-in', title: 'Sign in', role: 'none', load: async () => (await import('./signIn/SignIn.js')).SignIn },
];
