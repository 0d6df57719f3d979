import type { Command } from '../contract.js';
import { jobList, jobRun } from './job.js';
import { storeCopy } from './storeCopy.js';
import { storeRotateKey } from './storeRotateKey.js';
import { verify } from './verify.js';

/** Every command, in the order of help. */
export const commands: readonly Command[] = [verify, storeCopy, storeRotateKey, jobRun, jobList];
