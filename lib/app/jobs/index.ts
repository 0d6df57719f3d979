import type { Job } from '../../compute/contract.js';
import { deploymentReportJob } from './deploymentReportJob.js';
import { rolloutReportJob } from './rolloutReportJob.js';
import { estimateJob } from './estimateJob.js';
import { evaluateJob } from './evaluateJob.js';
import { exportModelJob } from './exportModelJob.js';
import { importModelJob } from './importModelJob.js';
import { findFilesJob } from './findFilesJob.js';
import { ingestJob } from './ingestJob.js';
import { lookOverJob } from './lookOverJob.js';
import { monitorJob } from './monitorJob.js';
import { predictJob } from './predictJob.js';
import { prepareJob } from './prepareJob.js';
import { trainJob } from './trainJob.js';
import { truthJob } from './truthJob.js';
import { watchJob } from './watchJob.js';
import { tryBackendJob } from './tryBackendJob.js';
import { verifyJob } from './verifyJob.js';

/**
 * Everything heavy that a node may ask for, by its id. Each is loaded when it is asked for: what the others need takes longer to load than
 * a small table takes to be read.
 */
export const JOBS: ReadonlyMap<string, () => Job<unknown, unknown>> = new Map<string, () => Job<unknown, unknown>>([
	['deploymentReport', () => deploymentReportJob],
	['rolloutReport', () => rolloutReportJob],
	['estimate', () => estimateJob],
	['evaluate', () => evaluateJob],
	['exportModel', () => exportModelJob],
	['importModel', () => importModelJob],
	['findFiles', () => findFilesJob],
	['ingest', () => ingestJob],
	['lookOver', () => lookOverJob],
	['monitor', () => monitorJob],
	['predict', () => predictJob],
	['prepare', () => prepareJob],
	['train', () => trainJob],
	['truth', () => truthJob],
	['watch', () => watchJob],
	['tryBackend', () => tryBackendJob],
	['verify', () => verifyJob],
]);
