import { serveTasks } from '../compute/child.js';
import { deploymentReportTask } from './tasks/deploymentReport.js';
import { evaluateTask } from './tasks/evaluate.js';
import { exportOnnxTask } from './tasks/exportOnnx.js';
import { findFilesTask } from './tasks/findFiles.js';
import { ingestTask } from './tasks/ingest.js';
import { monitorTask } from './tasks/monitor.js';
import { predictTask } from './tasks/predict.js';
import { prepareTask } from './tasks/prepare.js';
import { trainTask } from './tasks/train.js';

/** Entry of the compute processes: everything heavy that a node may ask for. */
serveTasks([
	findFilesTask,
	ingestTask,
	prepareTask,
	trainTask,
	evaluateTask,
	predictTask,
	monitorTask,
	deploymentReportTask,
	exportOnnxTask,
]);
