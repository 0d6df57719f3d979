import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { JOBS } from '../../../lib/app/jobs/index.js';

const folder = join(__dirname, '..', '..', '..', 'lib', 'app', 'jobs');

it('each job is found by its own id, and none is forgotten', () => {
	const files = readdirSync(folder).filter((name) => name.endsWith('Job.ts'));
	expect([...JOBS.keys()].map((id) => `${id}Job.ts`).sort()).toEqual(files.map((file) => basename(file)).sort());
	for (const [id, load] of JOBS) expect(load().id).toBe(id);
});
