import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { rowsASecond, sameLoss, secondsTo } from '../bench/gpu/curves.mts';

const root = join(__dirname, '../..');

describe('the benchmark on a graphics card', () => {
	const slow = [
		{ seconds: 10, loss: 0.9 },
		{ seconds: 14, loss: 0.5 },
		{ seconds: 18, loss: 0.6 },
	];
	const fast = [
		{ seconds: 1, loss: 0.7 },
		{ seconds: 2, loss: 0.4 },
	];

	it('counts rows from the end of the first epoch on, and none of a training that got no further', () => {
		expect(rowsASecond(slow, 1000)).toBe(250);
		expect(rowsASecond(fast, 1000)).toBe(1000);
		expect(() => rowsASecond(slow.slice(0, 1), 1000)).toThrow('--seconds');
	});

	it('compares the seconds to the least loss that both reached', () => {
		expect(sameLoss(slow, fast)).toBe(0.5);
		expect(secondsTo(slow, 0.5)).toBe(14);
		expect(secondsTo(slow, 0.7)).toBeCloseTo(12);
		expect(secondsTo(fast, 0.5)).toBeCloseTo(1 + 2 / 3);
		expect(secondsTo(fast, 0.8)).toBe(1);
		expect(() => secondsTo(slow, 0.4)).toThrow('never');
	});

	it('fails with a sentence where nothing but the processor was found, before it fetches anything', () => {
		const { status, stdout, stderr } = spawnSync(process.execPath, ['test/bench/gpu/run.mts', '--backend', 'wasm', '--json'], {
			cwd: root,
			encoding: 'utf8',
		});
		expect(status).toBe(1);
		expect(stdout).toBe('');
		expect(stderr).toContain('No network can be trained on a graphics card here. wasm computes on the processor');
		expect(stderr).toContain('--any-backend');
		expect(stderr).not.toContain('Installing');
	});
});
