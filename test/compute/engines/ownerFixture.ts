// What a process needs that runs jobs, in one file.
export { createHere } from '../../../lib/compute/engines/here/here.js';
export { runJob } from '../../../lib/compute/runJob.js';
