import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { program } from '../data/servers.js';
import { freshFolder, removeFolders } from '../store/records.js';
import { ask, fruitStore, ROW, startServe } from './served.js';

const prometheus = program('prometheus');
const promtool = program('promtool');
const there = prometheus && promtool;
afterAll(removeFolders);

async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as { port: number };
	server.close();
	return port;
}

(there ? it : it.skip)(`a real Prometheus scrapes the server and answers from it${there ? '' : ' (skipped: no prometheus)'}`, async () => {
	const { home, store } = await fruitStore();
	await store.close();
	const server = await startServe(home);
	const url = `${server.url}/v1/models/fruit/predict`;
	for (let i = 0; i < 7; i++) await ask(url, { row: ROW });
	await ask(url, { rows: [{ ...ROW, weight: 'heavy' }] });
	await ask(url, {});
	const text = (await ask(`${server.url}/metrics`)).body as unknown as string;
	// What promtool finds wrong, it says with another exit code.
	expect(() => execFileSync(promtool!, ['check', 'metrics'], { input: text, stdio: ['pipe', 'pipe', 'pipe'] })).not.toThrow();

	const folder = await freshFolder();
	const port = await freePort();
	const config = join(folder, 'prometheus.yml');
	const target = new URL(server.url).host;
	writeFileSync(config, `scrape_configs:\n- job_name: mlops\n  scrape_interval: 1s\n  static_configs:\n  - targets: ['${target}']\n`);
	const child = spawn(
		prometheus!,
		[`--config.file=${config}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=127.0.0.1:${port}`],
		{ stdio: 'ignore' },
	);
	try {
		const query = async (what: string): Promise<number | undefined> => {
			const got = await ask(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(what)}`).catch(() => undefined);
			const value = (got?.body.data?.result as unknown as Array<{ value: [number, string] }> | undefined)?.[0]?.value[1];
			return value === undefined ? undefined : Number(value);
		};
		const requests = 'sum(http_requests_total{model="fruit",code="200"})';
		for (const until = Date.now() + 30_000; (await query(requests)) === undefined && Date.now() < until; ) await sleep(300);
		expect(await query(requests)).toBe(8);
		expect(await query('sum(http_request_duration_seconds_count{model="fruit",version="1"})')).toBe(8);
		expect(await query('histogram_quantile(0.99, http_request_duration_seconds_bucket{model="fruit",version="1"})')).toBeGreaterThan(0);
		expect(await query('sum(mlops_errors_total{error="predict.input_invalid"})')).toBe(1);
		expect(await query('mlops_alias_version{model="fruit",alias="champion"}')).toBe(1);
	} finally {
		child.kill('SIGKILL');
		await once(child, 'exit');
		await server.stop();
	}
});
