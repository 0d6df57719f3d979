import type { ConsoleRoute } from '../contract.js';
import { approvalRoutes } from './approvals.js';
import { dataset, datasetDifference, datasets, datasetVersions, quarantine } from './datasets.js';
import { me } from './me.js';
import { aliasMoves, answeredAt, model, models } from './models.js';
import { peopleRoutes } from './people.js';
import { run, runDifference, runFacets, runs } from './runs.js';
import { sessionRoutes } from './session.js';
import { version, versionDifferences, versions } from './versions.js';

/** All routes of the console's API, one file a topic. */
export const consoleRoutes: readonly ConsoleRoute[] = [
	me,
	...sessionRoutes,
	...peopleRoutes,
	...approvalRoutes,
	...[models, model, aliasMoves, answeredAt, versions, version, versionDifferences],
	...[runs, runFacets, run, runDifference],
	...[datasets, datasetVersions, dataset, datasetDifference, quarantine],
];
