/** A page as its tests open it. */
export interface Opened {
	/** Of its screenshots and tests. */
	name: string;
	/** Behind `/console`. */
	path: string;
	/** What can be read on it once it is there, with a filled store; with an empty one where `empty` says something else. */
	says: RegExp;
	empty?: RegExp;
}

/** Each page of the console, a line each: looks.test.ts opens all of them, on a store with something in it and on an empty one. */
export const PAGES: readonly Opened[] = [
	{ name: 'overview', path: '/', says: /Overview/ },
	{ name: 'trainings', path: '/trainings', says: /Finished/, empty: /No model was trained yet/ },
	{ name: 'serving', path: '/serving', says: /Rollouts/, empty: /No model is served yet/ },
	{ name: 'sign in', path: '/sign-in', says: /Sign in/ },
	{ name: 'incidents', path: '/incidents?state=all', says: /no answers at all/, empty: /There is none/ },
	{ name: 'incident', path: '/incidents/fruit-1', says: /What shows it/, empty: /is not in the store/ },
	{ name: 'monitors', path: '/incidents?tab=monitors', says: /Found last/, empty: /Nothing is watched yet/ },
	{ name: 'no page', path: '/nowhere/at all', says: /There is nothing at this address/ },
];
