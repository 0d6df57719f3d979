import { serveJobs } from '../compute/serveJobs.js';
import { deploymentReportJob } from './jobs/deploymentReportJob.js';
import { rolloutReportJob } from './jobs/rolloutReportJob.js';
import { estimateJob } from './jobs/estimateJob.js';
import { evaluateJob } from './jobs/evaluateJob.js';
import { exportModelJob } from './jobs/exportModelJob.js';
import { importModelJob } from './jobs/importModelJob.js';
import { findFilesJob } from './jobs/findFilesJob.js';
import { ingestJob } from './jobs/ingestJob.js';
import { lookOverJob } from './jobs/lookOverJob.js';
import { monitorJob } from './jobs/monitorJob.js';
import { predictJob } from './jobs/predictJob.js';
import { prepareJob } from './jobs/prepareJob.js';
import { trainJob } from './jobs/trainJob.js';
import { truthJob } from './jobs/truthJob.js';
import { watchJob } from './jobs/watchJob.js';
import { tryBackendJob } from './jobs/tryBackendJob.js';
import { verifyJob } from './jobs/verifyJob.js';

/** Entry of the compute processes: everything heavy that a node may ask for. */
serveJobs(() => [
	findFilesJob,
	ingestJob,
	prepareJob,
	trainJob,
	evaluateJob,
	estimateJob,
	predictJob,
	lookOverJob,
	watchJob,
	monitorJob,
	deploymentReportJob,
	rolloutReportJob,
	exportModelJob,
	importModelJob,
	truthJob,
	tryBackendJob,
	verifyJob,
]);
