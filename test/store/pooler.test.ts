import { spawn } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../lib/store/openStore.js';
import { sharedRef } from '../../lib/store/location.js';
import { grantedRef } from '../../lib/store/storeSecrets.js';
import { describeServer, freePort, noPostgres, owner, program, startPostgres } from '../data/servers.js';
import { freshFolder, removeFolders, versionBody } from './records.js';

afterAll(removeFolders);

describeServer('a store behind a pooler', noPostgres() ?? (program('pgbouncer') ? undefined : 'PgBouncer is not installed'), () => {
	it('that gives each transaction another connection, loses nothing and verifies', async () => {
		const server = await startPostgres();
		const folder = mkdtempSync(join(tmpdir(), 'mlops-pooler-'));
		const port = await freePort();
		const own = owner('postgres')!;
		const config = join(folder, 'pgbouncer.ini');
		writeFileSync(
			config,
			`[databases]\n* = host=localhost port=${server.port} user=${server.user} password='${server.password}'\n` +
				`[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = ${port}\nauth_type = any\npool_mode = transaction\n` +
				'default_pool_size = 2\nunix_socket_dir =\n',
		);
		if (own.uid !== undefined) for (const path of [folder, config]) chownSync(path, own.uid, own.gid!);
		const pooler = spawn(program('pgbouncer')!, ['-q', config], { ...own, stdio: 'ignore' });
		const gone = new Promise((resolve) => {
			pooler.once('exit', resolve);
		});
		try {
			const url = `postgres://${server.user}@127.0.0.1:${port}/postgres?sslmode=disable`;
			const ref = grantedRef(sharedRef({ url, schema: 'pooled', artifacts: await freshFolder() }), { secret: 'a secret of tests alone' });
			let store = await openStore(ref).catch(() => undefined);
			for (let tries = 0; !store; tries++) {
				await new Promise((resolve) => {
					setTimeout(resolve, 200);
				});
				store = await openStore(ref).catch((error: unknown) => {
					if (tries > 50) throw error;
					return undefined;
				});
			}
			const opened = store;
			const body = await versionBody(opened, 'm', 'a');
			await Promise.all(
				Array.from({ length: 20 }, async (_, i) => {
					await opened.add('modelVersion', 'm', { ...body, tags: { i: String(i) } });
					await opened.setProgress('key', { i });
				}),
			);
			await opened.moveAlias('m', 'champion', 20, { actor: 'a' });
			expect((await opened.list('modelVersion')).map((v) => v.version)).toEqual(Array.from({ length: 20 }, (_, i) => 20 - i));
			expect(await opened.verify()).toEqual({ events: 21, records: 20 });
			await opened.close();
		} finally {
			pooler.kill('SIGKILL');
			await gone;
			rmSync(folder, { recursive: true });
			await server.stop();
		}
	}, 60_000);
});
