import { pathTo } from '../../lib/console/router/place.js';
import { DATASET, MODEL, NAMES } from './filled.js';

/** A page as its tests open it. */
export interface Opened {
	/** Of its screenshots and tests. */
	name: string;
	/** Behind `/console`. */
	path: string;
	/** What can be read on it once it is there, with a filled store. */
	says: RegExp;
	/** And with an empty one, where it is opened with that, too. */
	empty?: RegExp;
}

/** Each page of the console, a line each: looks.test.ts opens all of them. */
export const PAGES: readonly Opened[] = [
	{ name: 'overview', path: '/', says: /Models that answer now/, empty: /What to do first/ },
	{ name: 'models', path: '/models', says: /price of fruit/, empty: /No model is registered yet/ },
	{ name: 'model', path: pathTo('/models/:model', { model: MODEL }), says: /Answers now/, empty: /is not in the store/ },
	{ name: 'model, evil', path: pathTo('/models/:model', { model: NAMES.script }), says: /onerror/ },
	{ name: 'model, long', path: pathTo('/models/:model', { model: NAMES.long }), says: /wwwwww/ },
	{ name: 'model, right to left', path: pathTo('/models/:model', { model: NAMES.rightToLeft }), says: /نموذج/ },
	{
		name: 'versions compared',
		path: pathTo('/models/:model', { model: MODEL }, { tab: 'compare', a: 1, b: 3 }),
		says: /While training/,
	},
	{
		name: 'aliases',
		path: pathTo('/models/:model', { model: MODEL }, { tab: 'aliases', at: '2026-01-01T00:00:00.000Z' }),
		says: /nothing answered/,
	},
	{ name: 'model lineage', path: pathTo('/models/:model', { model: MODEL }, { tab: 'lineage' }), says: /Training/ },
	{ name: 'model people', path: pathTo('/models/:model', { model: MODEL }, { tab: 'people' }), says: /Policy/ },
	{ name: 'version', path: pathTo('/models/:model/3', { model: MODEL }), says: /How it was trained/ },
	{ name: 'version from elsewhere', path: '/models/fruit/1', says: /It was not evaluated/ },
	{ name: 'datasets', path: '/datasets', says: /fruit market/, empty: /No dataset was read in yet/ },
	{
		name: 'dataset',
		path: pathTo('/datasets/:dataset', { dataset: DATASET }, { column: 'weight' }),
		says: /Standard deviation/,
		empty: /There is no dataset of this name/,
	},
	{
		name: 'dataset changes',
		path: pathTo('/datasets/:dataset/2', { dataset: DATASET }, { tab: 'changes' }),
		says: /Moved by/,
	},
	{
		name: 'dataset checks',
		path: pathTo('/datasets/:dataset/2', { dataset: DATASET }, { tab: 'checks' }),
		says: /constant[^]*How it was read/,
	},
	{
		name: 'quarantine',
		path: pathTo('/datasets/:dataset/2', { dataset: DATASET }, { tab: 'quarantine' }),
		says: /No model learned from them/,
	},
	{ name: 'trainings', path: '/trainings', says: /Finished/, empty: /No model was trained yet/ },
	{ name: 'serving', path: '/serving', says: /Rollouts/, empty: /No model is served yet/ },
	{ name: 'incidents', path: '/incidents?state=all', says: /no answers at all/, empty: /There is none/ },
	{ name: 'incident', path: '/incidents/fruit-1', says: /What shows it/, empty: /is not in the store/ },
	{ name: 'monitors', path: '/incidents?tab=monitors', says: /Found last/, empty: /Nothing is watched yet/ },
	{ name: 'approvals', path: '/approvals?which=all', says: /May the new model take over/, empty: /Nobody has asked for an approval yet/ },
	{ name: 'audit', path: '/audit', says: /alias\.moved|verdict\.added/, empty: /Nothing was found/ },
	{ name: 'people', path: '/people', says: /Nobody has an account yet/ },
	{ name: 'keys', path: '/people?tab=keys', says: /the shop/, empty: /There are no keys yet/ },
	{ name: 'models people', path: '/people?tab=models', says: /ann@example.com/, empty: /There are no models yet/ },
	{ name: 'account', path: '/account', says: /Let people sign in/ },
	{ name: 'one-time link', path: '/welcome', says: /This link does not work/ },
	{ name: 'no page', path: '/nowhere/at%20all', says: /There is nothing at this address/ },
	{ name: 'quality', path: '/quality', says: /Estimated Quality/, empty: /Nothing is watched yet/ },
	{ name: 'quality of a model', path: '/quality/fruit-quality', says: /Window by window/, empty: /is not in the store/ },
	{ name: 'watch a model', path: '/watch?model=fruit', says: /Everything, with what fits most/, empty: /is not in the store/ },
	{ name: 'watch nothing', path: '/watch', says: /Everything, with what fits most/, empty: /There is no model to watch yet/ },
	{ name: 'change a monitor', path: '/quality/fruit-quality/change', says: /False alarms a year/, empty: /is not in the store/ },
	{ name: 'drift of a model', path: '/quality/fruit-data', says: /Which columns, and when/, empty: /is not in the store/ },
];
