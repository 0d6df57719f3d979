import type { ConsoleRoute } from '../contract.js';
import { approvalRoutes } from './approvals.js';
import { auditRoutes } from './audit.js';
import { dataset, datasetDifference, datasets, datasetVersions, quarantine } from './datasets.js';
import { incidentRoutes } from './incidents.js';
import { keyRoutes } from './keys.js';
import { datasetLineage, lineage } from './lineage.js';
import { me } from './me.js';
import { modelPeopleRoutes } from './modelPeople.js';
import { aliasMoves, answeredAt, model, models } from './models.js';
import { monitorRoutes } from './monitors.js';
import { overview } from './overview.js';
import { peopleRoutes } from './people.js';
import { reportPage, reports } from './reports.js';
import { abortIt, promoteIt, rollout, rollouts, stepIt } from './rollouts.js';
import { run, runDifference, runFacets, runs } from './runs.js';
import { search } from './search.js';
import { sessionRoutes } from './session.js';
import { traffic } from './traffic.js';
import { stopTraining, trainings } from './trainings.js';
import { watchedColumns, watchedModels, watchedMonitor, watchedWindows } from './watched.js';
import { version, versionDifferences, versions } from './versions.js';
import { words } from './words.js';

/** All routes of the console's API, one file a topic. */
export const consoleRoutes: readonly ConsoleRoute[] = [
	me,
	...sessionRoutes,
	...peopleRoutes,
	...approvalRoutes,
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
	...[watchedModels, watchedMonitor, watchedWindows, watchedColumns],
];
