import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Store } from '../../lib/store/contract.js';
import { freshFolder, removeFolders } from '../store/records.js';
import { ask, fruitStore, ROW } from './served.js';

const PROGRAM = join(__dirname, '..', '..', 'dist', 'lib', 'cli', 'mlops.js');
/** All but one folder becomes read-only, as with `docker run --read-only`. */
const READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,bind,ro / && exec "$@"';
/** As OpenShift runs a container: a number without a name in the group 0, no rights, and as the first process of its own. */
const isolated = (folder: string): string[] => [
	...['-m', '-p', '-f', '--mount-proc', 'sh', '-c', READ_ONLY, folder],
	...['setpriv', '--reuid', '1234567', '--regid', '0', '--clear-groups', '--no-new-privs'],
];
const able = spawnSync('unshare', [...isolated(tmpdir()), 'cat', PROGRAM]).status === 0;

let store: Store;
let home: string;
let node: string;
beforeAll(async () => {
	({ store, home } = await fruitStore(1));
	// A Node that other users may run.
	const folder = await freshFolder();
	node = join(folder, 'node');
	await copyFile(process.execPath, node);
	for (const path of [folder, node]) await chmod(path, 0o755);
	spawnSync('chgrp', ['-R', '0', home]);
	spawnSync('chmod', ['-R', 'g=u', home]);
}, 60_000);
afterAll(async () => {
	await store.close();
	await removeFolders();
});

(able ? it : it.skip)(
	`serves under a number that has no name, on a disk that is read-only but for the store, logs what it answers, and ends at SIGTERM as ${
		able ? 'the first process' : 'the first process (skipped: no unshare or setpriv here)'
	}`,
	async () => {
		const args = ['env', '-i', 'PATH=/usr/bin:/bin', 'HOME=/nowhere', 'NODE_ENV=production', `MLOPS_HOME=${home}`, node, PROGRAM];
		const server = spawn('unshare', [...isolated(home), ...args, 'serve', '--no-keys', '--port', '0', '--listeners', '1'], {
			stdio: ['ignore', 'ignore', 'pipe'],
		});
		const exited = once(server, 'exit');
		let said = '';
		server.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
		while (!/Serving at (\S+)/.test(said)) {
			if (server.exitCode !== null) throw new Error(said);
			await once(server.stderr, 'data');
		}
		const [, url] = /Serving at (\S+)/.exec(said)!;
		expect((await ask(`${url}/v1/models/fruit/predict`, { row: ROW })).status).toBe(200);
		const { stdout } = spawnSync('pgrep', ['-P', String(server.pid)], { encoding: 'utf8' });
		process.kill(Number(stdout.trim()), 'SIGTERM');
		expect(await exited).toEqual([0, null]);
		expect(said).not.toMatch(/EROFS|EACCES|Warning/);
		expect(await store.predictions({})).toMatchObject([{ input: ROW, door: 'own' }]);
	},
);
