import type { Command } from '../contract.js';
import { datasets } from './datasets.js';
import { deploy } from './deploy.js';
import { doctor } from './doctor.js';
import { evaluate } from './evaluate.js';
import { exporting } from './export.js';
import { feedback } from './feedback.js';
import {
	incidentAcknowledge,
	incidentClose,
	incidentComment,
	incidentList,
	incidentReopen,
	incidentShow,
	incidentSnooze,
	incidentWake,
} from './incident.js';
import { ingest } from './ingest.js';
import { jobList, jobRun } from './job.js';
import { keyList, keyMake, keyWithdraw } from './key.js';
import { models } from './models.js';
import { monitor } from './monitor.js';
import { personDisable, personLink, personList, personMake, personRole } from './person.js';
import { predict } from './predict.js';
import { rolloutAbort, rolloutPromote, rolloutStart, rolloutStatus, rolloutStep } from './rollout.js';
import { runs } from './runs.js';
import { serve } from './serve.js';
import { storeCopy } from './storeCopy.js';
import { storeRotateKey } from './storeRotateKey.js';
import { traffic } from './traffic.js';
import { train } from './train.js';
import { verify } from './verify.js';
import { watchChange, watchEnd, watchList, watchOn, watchPause, watchResume, watchShow } from './watch.js';

/** Every command, in the order of help: along the work, then what looks at the store. */
export const commands: readonly Command[] = [
	ingest,
	train,
	evaluate,
	deploy,
	rolloutStart,
	rolloutStatus,
	rolloutStep,
	rolloutPromote,
	rolloutAbort,
	predict,
	serve,
	feedback,
	monitor,
	watchOn,
	watchList,
	watchShow,
	watchChange,
	watchPause,
	watchResume,
	watchEnd,
	incidentList,
	incidentShow,
	incidentAcknowledge,
	incidentSnooze,
	incidentWake,
	incidentComment,
	incidentClose,
	incidentReopen,
	exporting,
	datasets,
	runs,
	models,
	traffic,
	verify,
	doctor,
	storeCopy,
	storeRotateKey,
	keyMake,
	keyList,
	keyWithdraw,
	personMake,
	personList,
	personRole,
	personDisable,
	personLink,
	jobRun,
	jobList,
];
