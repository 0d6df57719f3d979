import { serveJobs } from '../compute/child.js';
import { deploymentReportJob } from './jobs/deploymentReport.js';
import { rolloutReportJob } from './jobs/rolloutReport.js';
import { estimateJob } from './jobs/estimate.js';
import { evaluateJob } from './jobs/evaluate.js';
import { exportModelJob } from './jobs/exportModel.js';
import { importModelJob } from './jobs/importModel.js';
import { findFilesJob } from './jobs/findFiles.js';
import { ingestJob } from './jobs/ingest.js';
import { lookOverJob } from './jobs/lookOver.js';
import { monitorJob } from './jobs/monitor.js';
import { predictJob } from './jobs/predict.js';
import { prepareJob } from './jobs/prepare.js';
import { trainJob } from './jobs/train.js';
import { truthJob } from './jobs/truth.js';
import { watchJob } from './jobs/watch.js';
import { tryBackendJob } from './jobs/tryBackend.js';
import { verifyJob } from './jobs/verify.js';

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
