import { MlopsError } from '../domain/errors.js';

/** What is thrown where a job was stopped. */
export const cancelledError = (job: string): MlopsError => new MlopsError('compute.cancelled', `The job "${job}" was cancelled.`);
