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
	{ name: 'incidents', path: '/incidents?state=all', says: /no answers at all/, empty: /There is none/ },
	{ name: 'incident', path: '/incidents/fruit-1', says: /What shows it/, empty: /is not in the store/ },
	{ name: 'monitors', path: '/incidents?tab=monitors', says: /Found last/, empty: /Nothing is watched yet/ },
	{ name: 'approvals', path: '/approvals?which=all', says: /May the new model take over/, empty: /Nobody has asked for an approval yet/ },
	{ name: 'audit', path: '/audit', says: /alias.moved/, empty: /Nothing was found/ },
	{ name: 'people', path: '/people', says: /Nobody has an account yet/ },
	{ name: 'keys', path: '/people?tab=keys', says: /the shop/, empty: /There are no keys yet/ },
	{ name: 'models people', path: '/people?tab=models', says: /ann@example.com/, empty: /There are no models yet/ },
	{ name: 'account', path: '/account', says: /Let people sign in/ },
	{ name: 'one-time link', path: '/welcome', says: /This link does not work/ },
	{ name: 'no page', path: '/nowhere/at all', says: /There is nothing at this address/ },
];
