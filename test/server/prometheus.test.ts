import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { actOnIncident, listIncidents } from '../../lib/app/incidents.js';
import { keepVerdict } from '../../lib/app/keepVerdict.js';
import type { VerdictRecord } from '../../lib/domain/monitor.js';
import type { WatchId } from '../../lib/domain/watches.js';
import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { program } from '../data/servers.js';
import { freshFolder, removeFolders } from '../store/records.js';
import { dashboard, dashboards, queriesOf } from './dashboards.js';
import { ask, fruitStore, ROW, startServe, type Served } from './served.js';

const prometheus = program('prometheus');
const promtool = program('promtool');
const there = prometheus && promtool;

async function freePort(): Promise<number> {
	const server = createServer().listen(0, '127.0.0.1');
	await once(server, 'listening');
	const { port } = server.address() as { port: number };
	server.close();
	return port;
}

/** Monitors of the model, and what their latest windows came to: an alarm of quality, a drifted column, one that nobody can judge. */
async function watched(store: Store): Promise<void> {
	const found: Partial<Record<WatchId, Partial<VerdictRecord>>> = {
		quality: {
			verdict: 'alarm',
			known: 150,
			findings: [
				{ about: 'auc', version: 1, value: 0.71, reference: 0.8, interval: [0.68, 0.74], weight: 1, why: 'AUC fell.' },
				{ about: 'auc', segment: 'colour red', value: 0.6, why: 'AUC fell.' },
			],
		},
		estimate: { findings: [{ about: 'auc', value: 0.78, reference: 0.8, interval: [0.75, 0.81] }] },
		data: {
			verdict: 'alarm',
			findings: [
				{ about: 'weight', value: 0.3, weight: 0.7, why: 'It moved.' },
				{ about: 'days', value: 0.01, weight: 0.3 },
				{ about: 'colour', value: null, weight: 0 },
			],
		},
		service: { verdict: 'unknown', findings: [{ about: 'traffic', value: 12, reference: 10, unit: 'answers' }] },
	};
	for (const [watch, body] of Object.entries(found) as Array<[WatchId, Partial<VerdictRecord>]>) {
		const monitor = `fruit-${watch}`;
		const made = { madeBy: 'ann@example.com', madeAt: '2026-03-01T00:00:00.000Z' };
		const window = { by: 'time' as const, hours: 24 };
		const of = { id: monitor, model: 'fruit', alias: 'champion', watch, window, segments: [], params: {}, ...made };
		// A server that runs finds no window of theirs to look at.
		const since = '2100-01-01T00:00:00.000Z';
		await store.add('monitor', monitor, { ...of, falseAlarmsAYear: 1, everyMinutes: 60, since, state: 'active' });
		const span = { from: '2026-03-02T00:00:00.000Z', until: '2026-03-03T00:00:00.000Z' };
		const rest = { versions: [1], rows: 200, verdict: 'ok' as const, findings: [], summary: 'As it is.', notes: [] };
		await keepVerdict(store, { monitor, model: 'fruit', watch, ...span, ...rest, ...body }, 0, new Date());
	}
}

(there ? describe : describe.skip)(`a real Prometheus${there ? '' : ' (skipped: no prometheus)'}`, () => {
	let store: Store;
	let server: Served;
	let child: ChildProcess | undefined;
	let asked: string;

	/** Sum of what a query gives; undefined where it gives nothing. @throws Error where Prometheus does not understand it */
	async function query(what: string): Promise<number | undefined> {
		const got = await ask(`${asked}/api/v1/query?query=${encodeURIComponent(what)}`);
		if (got.status !== 200) throw new Error(`${what}: ${JSON.stringify(got.body)}`);
		const result = got.body.data.result as unknown as Array<{ value: [number, string] }>;
		return result.length === 0 ? undefined : result.reduce((sum, { value }) => sum + Number(value[1]), 0);
	}

	/** Asks until the answer is so, a minute and a half at most; gives the last one. */
	async function until(what: string, right: (value: number | undefined) => boolean): Promise<number | undefined> {
		for (const end = Date.now() + 90_000; ; await sleep(300)) {
			const value = await query(what);
			if (right(value) || Date.now() > end) return value;
		}
	}

	beforeAll(async () => {
		const { home, store: filled } = await fruitStore();
		await watched(filled);
		await filled.close();
		server = await startServe(home);
		store = await openStore({ kind: 'folder', home });
		const folder = await freshFolder();
		const port = await freePort();
		asked = `http://127.0.0.1:${port}`;
		const config = join(folder, 'prometheus.yml');
		const target = new URL(server.url).host;
		writeFileSync(config, `scrape_configs:\n- job_name: mlops\n  scrape_interval: 1s\n  static_configs:\n  - targets: ['${target}']\n`);
		child = spawn(
			prometheus!,
			[`--config.file=${config}`, `--storage.tsdb.path=${join(folder, 'data')}`, `--web.listen-address=127.0.0.1:${port}`],
			{ stdio: 'ignore' },
		);
		for (const end = Date.now() + 90_000; Date.now() < end; await sleep(200)) if (await query('up').catch(() => undefined)) break;
		const url = `${server.url}/v1/models/fruit/predict`;
		for (let i = 0; i < 7; i++) await ask(url, { row: ROW });
		await ask(url, { rows: [{ ...ROW, weight: 'heavy' }] });
		await ask(url, { row: { ...ROW, colour: 'pink' } });
		await ask(url, {});
	}, 120_000);

	afterAll(async () => {
		child?.kill('SIGKILL');
		if (child) await once(child, 'exit');
		await server?.stop();
		await store?.close();
		await removeFolders();
	});

	test('finds nothing wrong with the names', async () => {
		const text = (await ask(`${server.url}/metrics`)).body as unknown as string;
		// What promtool finds wrong, it says with another exit code.
		expect(() => execFileSync(promtool!, ['check', 'metrics'], { input: text, stdio: ['pipe', 'pipe', 'pipe'] })).not.toThrow();
	});

	test('answers from what the server counted', async () => {
		expect(await until('sum(http_requests_total{model="fruit",code="200"})', (n) => n === 9)).toBe(9);
		expect(await query('sum(http_request_duration_seconds_count{model="fruit",version="1"})')).toBe(9);
		expect(await query('histogram_quantile(0.99, http_request_duration_seconds_bucket{model="fruit",version="1"})')).toBeGreaterThan(0);
		expect(await query('sum(mlops_errors_total{error="predict.input_invalid"})')).toBe(1);
		expect(await query('mlops_alias_version{model="fruit",alias="champion"}')).toBe(1);
	});

	test('knows what monitors found', async () => {
		const of = async (name: string, labels: string) => await query(`mlops_monitor_${name}{model="fruit",alias="champion",${labels}}`);
		expect(await of('verdict', 'monitor="fruit-quality",verdict="alarm"')).toBe(1);
		expect(await of('verdict', 'monitor="fruit-quality",verdict="ok"')).toBe(0);
		expect(await of('verdict', 'watch="service",verdict="unknown"')).toBe(1);
		// Of the whole, not of its segments.
		expect(await of('value', 'watch="quality",about="auc",version="1"')).toBe(0.71);
		expect(await of('value_low', 'watch="quality",about="auc"')).toBe(0.68);
		expect(await of('value_high', 'watch="estimate",about="auc"')).toBe(0.81);
		expect(await of('reference_value', 'watch="service",about="traffic",unit="answers"')).toBe(10);
		expect(await of('truth_known_ratio', 'watch="quality"')).toBe(0.75);
		expect(await of('truth_known_ratio', 'watch="data"')).toBeUndefined();
		expect(await of('drifted_columns', 'watch="data"')).toBe(1);
		expect(await of('out_of_order', 'watch="quality"')).toBe(1);
		expect(await of('window_end_seconds', 'watch="data"')).toBe(Date.UTC(2026, 2, 3) / 1000);
		expect(await of('looked_seconds', 'watch="data"')).toBeGreaterThan(Date.UTC(2026, 2, 3) / 1000);
		expect(await query('mlops_monitors{state="active"}')).toBe(4);
	});

	test('answers each query of each dashboard', async () => {
		// Nobody ran a rollout, and no version was moved since.
		const silent = /arm!=|shadow|changes\(/;
		const empty: string[] = [];
		for (const { panel, query: what } of dashboards().flatMap(({ json }) => queriesOf(dashboard.parse(json)))) {
			const value = silent.test(what) ? await query(what) : await until(what, (n) => n !== undefined);
			if ((value === undefined) !== silent.test(what)) empty.push(`${panel}: ${what} gives ${value}`);
		}
		expect(empty).toEqual([]);
	}, 300_000);

	test('sees an incident close', async () => {
		const open = 'sum(mlops_incidents{model="fruit",severity="page"})';
		expect(await query(open)).toBe(1);
		for (const { name } of await listIncidents(store)) await actOnIncident(store, { id: name, action: 'close', actor: 'ann@example.com' });
		expect(await until(open, (n) => n === 0)).toBe(0);
	}, 60_000);
});
