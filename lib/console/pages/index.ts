import type { Page } from './page.js';

/** All pages. Which of them the navigation shows, and under which words, says `shell/navigation.ts`. */
export const pages: readonly Page[] = [
	{ path: '/', title: 'Overview', role: 'viewer', load: async () => (await import('./overview/Overview.js')).Overview },
	{ path: '/sign-in', title: 'Sign in', role: 'none', load: async () => (await import('./signIn/SignIn.js')).SignIn },
];
