import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { mlops, program } from '../cli/program.js';
import { removeFolders } from '../store/records.js';
import { ask, fruitStore, ROW, startServe } from './served.js';

afterAll(removeFolders);

/** Runs what follows where the folder cannot be written to, while others outside write to it as ever. */
const readingAlone = (home: string): string[] => [
	'unshare',
	'--map-root-user',
	'--mount',
	'sh',
	'-c',
	'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"',
	home,
];
const [command, ...args] = readingAlone(tmpdir());
const able = process.platform === 'linux' && spawnSync(command, [...args, 'true']).status === 0;
const title = (words: string): string => (able ? words : `${words} (skipped: no unshare here)`);

const until = async (holds: () => Promise<boolean> | boolean): Promise<void> => {
	while (!(await holds())) await sleep(20);
};

(able ? describe : describe.skip)(title('a store that can be read alone'), () => {
	it('is served, and what cannot be done is said; an alias that others move is followed', async () => {
		const { home, store } = await fruitStore(2);
		await store.close();
		const server = await startServe(home, ['--no-keys'], {}, readingAlone(home));
		const predict = async () => (await ask(`${server.url}/v1/models/fruit/predict`, { row: ROW })).body;
		expect(await predict()).toMatchObject({ model: 'fruit', version: 1 });
		expect(server.said()).toContain('The store can be read here, and not written to');
		await until(async () => JSON.stringify((await ask(`${server.url}/health/ready`)).body).includes('"log":"not written since'));
		expect((await ask(`${server.url}/health/ready`)).body).toMatchObject({ ready: true });
		expect(await ask(`${server.url}/v1/feedback`, { key: 'anna', truth: 'good' })).toMatchObject({
			status: 503,
			body: { error: { code: 'store.unwritable' } },
		});
		for (const version of [2, 1]) {
			// Written by a process that has it open for a moment, and by the first of them in a log that it leaves nothing of.
			expect((await mlops(['deploy', `fruit@${version}`, '--gate', 'not_required', '--reason', 'a test'], { home })).stderr).not.toMatch(
				/Error/,
			);
			await until(async () => String((await predict()).version) === String(version));
		}
		expect((await ask(`${server.url}/health/ready`)).body).not.toHaveProperty('store');
		expect(await server.stop()).toBe(0);
	});

	it('a durable log is a promise that such a store cannot keep: no answer goes out without it', async () => {
		const { home, store } = await fruitStore();
		await store.close();
		const server = await startServe(home, ['--no-keys', '--log', 'durable'], {}, readingAlone(home));
		expect(await ask(`${server.url}/v1/models/fruit/predict`, { row: ROW })).toMatchObject({ status: 503 });
		expect(await server.stop()).toBe(0);
	});

	it('is read by commands, and what would change it is refused in words', async () => {
		const { home, store } = await fruitStore();
		await store.close();
		const run = (words: string[]) => spawnSync(command, [...readingAlone(home).slice(1), ...words, '--home', home], { encoding: 'utf8' });
		const models = run([process.execPath, program, 'models']);
		expect([models.status, models.stdout]).toEqual([0, expect.stringContaining('fruit@1')]);
		expect(run([process.execPath, program, 'verify']).status).toBe(0);
		const deployed = run([process.execPath, program, 'deploy', 'fruit@1', '--alias', 'other', '--gate', 'not_required', '--reason', 'x']);
		expect(deployed.status).not.toBe(0);
		expect(deployed.stderr).toContain('The MLOps store can be read here, and not written to.');
	});

	it('answers rows, and says that the answers are not kept and what to do; jobs that would keep something are refused in words', async () => {
		const { home, store } = await fruitStore();
		await store.close();
		const table = path.join(home, 'rows.csv');
		await writeFile(table, 'weight,days,colour,ripe\n71.25,3,red,true\n12,1,blue,false\n');
		const run = (words: string[]) =>
			spawnSync(command, [...readingAlone(home).slice(1), process.execPath, program, ...words, '--home', home], { encoding: 'utf8' });
		// Leaves the log's last lines to the next writer.
		expect((await mlops(['predict', 'fruit@1', '--row', JSON.stringify(ROW)], { home })).exit).toBe(0);
		const answered = run(['predict', 'fruit@1', '--row', JSON.stringify(ROW), '--json']);
		expect(answered.status).toBe(0);
		expect(JSON.parse(answered.stdout)).toHaveProperty('prediction', expect.stringMatching(/good|bad/));
		expect(answered.stderr).toMatch(
			/1 answer is not in the prediction log: The MLOps store can be read here, and not written to\. .* give this user the right to write/,
		);
		expect(answered.stderr).not.toMatch(/EROFS|ENOENT|The log will say so|tidied up/);
		const ingested = run(['ingest', table, '--name', 'rows']);
		expect(ingested.status).not.toBe(0);
		expect(ingested.stderr).toContain('The MLOps store can be read here, and not written to.');
		expect(ingested.stderr).not.toMatch(/EROFS|ENOENT|fault of n8n-nodes-mlops/);
	});
});
