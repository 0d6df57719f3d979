import { serveJobs } from '../compute/serveJobs.js';
import { JOBS } from './jobs/index.js';

/** Entry of the compute processes. */
serveJobs((id) => JOBS.get(id)?.());
