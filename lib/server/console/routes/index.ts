import type { ConsoleRoute } from '../contract.js';
import { approvalRoutes } from './approvalRoutes.js';
import { auditRoutes } from './auditRoutes.js';
import { dataset, datasetDifference, datasets, datasetVersions, quarantine } from './datasetRoutes.js';
import { incidentRoutes } from './incidentRoutes.js';
import { keyRoutes } from './keyRoutes.js';
import { datasetLineage, lineage } from './lineageRoutes.js';
import { me } from './meRoutes.js';
import { modelPeopleRoutes } from './modelPeopleRoutes.js';
import { aliasMoves, answeredAt, model, models } from './modelRoutes.js';
import { monitorRoutes } from './monitorRoutes.js';
import { overview } from './overviewRoutes.js';
import { peopleRoutes } from './peopleRoutes.js';
import { reportPage, reports } from './reportRoutes.js';
import { abortIt, promoteIt, rollout, rollouts, stepIt } from './rolloutRoutes.js';
import { run, runDifference, runFacets, runs } from './runRoutes.js';
import { search } from './searchRoutes.js';
import { sessionRoutes } from './sessionRoutes.js';
import { traffic } from './trafficRoutes.js';
import { stopTraining, trainings } from './trainingRoutes.js';
import { watches } from './watchRoutes.js';
import { version, versionDifferences, versions } from './versionRoutes.js';
import { words } from './wordRoutes.js';

/** All routes of the console's API, one file a topic. */
export const consoleRoutes: readonly ConsoleRoute[] = [
	me,
	...sessionRoutes,
	...peopleRoutes,
	...approvalRoutes,
	watches,
	...monitorRoutes,
	...incidentRoutes,
	...keyRoutes,
	...modelPeopleRoutes,
	overview,
	words,
	...[models, model, aliasMoves, answeredAt, versions, version, versionDifferences, lineage, traffic],
	...[runs, runFacets, run, runDifference],
	...[trainings, stopTraining],
	...[rollouts, rollout, stepIt, promoteIt, abortIt],
	...[reports, reportPage, search],
	...auditRoutes,
	...[datasets, datasetVersions, dataset, datasetDifference, datasetLineage, quarantine],
];
