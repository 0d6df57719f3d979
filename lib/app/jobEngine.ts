import type { JobEngine } from '../compute/engines/contract.js';
import { sharedHere } from '../compute/engines/here/here.js';

/** The engine that this process gives its jobs to. */
export const jobEngine = (): JobEngine => sharedHere();
