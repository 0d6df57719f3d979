import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { lnGamma } from '../../../lib/task/statistics/distributions.js';

const root = join(__dirname, '../../..');
const YEARS = 6;
const DAYS = 365 * YEARS;

/** P(X >= k) of a binomial with n trials. */
function atLeast(k: number, n: number, p: number): number {
	let sum = 0;
	for (let i = k; i <= Math.min(n, k + 200); i++)
		sum += Math.exp(lnGamma(n + 1) - lnGamma(i + 1) - lnGamma(n - i + 1) + i * Math.log(p) + (n - i) * Math.log1p(-p));
	return sum;
}

interface Found {
	years: Array<{ years: Array<Record<string, { begun: number }>> }>;
}

it('raises no more false alarms in simulated years of a hundred columns than one a year can be; alarms by the day do', async () => {
	const { stdout } = await promisify(execFile)(
		process.execPath,
		['test/bench/alarms/run.mts', '--json', '--only', 'years', '--setting', 'large', '--years', String(YEARS), '--threads', '1'],
		{ cwd: root, maxBuffer: 1 << 24 },
	);
	const [{ years }] = (JSON.parse(stdout) as Found).years;
	expect(years).toHaveLength(YEARS);
	const begun = (who: string): number => years.reduce((n, year) => n + year[who].begun, 0);
	// One a year is a chance of 1 / 365 a day: so many are no coincidence any more.
	expect(atLeast(begun('ours'), DAYS, 1 / 365)).toBeGreaterThan(1e-4);
	expect(atLeast(begun('evidently columns'), DAYS, 1 / 365)).toBeLessThan(1e-9);
}, 120_000);
