// Our side of the benchmark in a process of its own: one JSON object a line in, one a line out.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import readline from 'node:readline';
import type { Asked, Compared } from './messages.mts';

const require = createRequire(import.meta.url);
const dist = path.resolve(import.meta.dirname, '../../../dist/lib');
const from = <M,>(file: string): M => require(path.join(dist, file)) as M;

const { openStore, ingest, monitor } = from<typeof import('../../../lib/index.js')>('index.js');
const { openStore: openWhole } = from<typeof import('../../../lib/store/openStore.js')>('store/openStore.js');
const { storedRows } = from<typeof import('../../../lib/app/frameForModel.js')>('app/frameForModel.js');
const { driftReport } = from<typeof import('../../../lib/monitor/driftReport.js')>('monitor/driftReport.js');
const { buildReference } = from<typeof import('../../../lib/monitor/sketch.js')>('monitor/sketch.js');
const { driftParams } = from<typeof import('../../../lib/monitor/driftParams.js')>('monitor/driftParams.js');
const { silentContext } = from<typeof import('../../../lib/domain/progress.js')>('domain/progress.js');

const seconds = async <T,>(work: () => T | Promise<T>): Promise<[T, number]> => {
	const start = performance.now();
	const result = await work();
	return [result, (performance.now() - start) / 1000];
};

/** The tables as datasets of a store; they stay there for the next time. */
async function keep(folder: string): Promise<object> {
	const store = await openStore(path.join(folder, 'store'));
	const known = new Set(await store.names('dataset'));
	for (const name of ['reference', 'current', 'day'])
		if (!known.has(name) && existsSync(path.join(folder, `${name}.parquet`)))
			await ingest(store, { file: path.join(folder, `${name}.parquet`), name });
	await store.close();
	return {};
}

async function compare({ folder, reference, current, mode, sketch, threads }: Asked): Promise<Compared> {
	const home = path.join(folder, 'store');
	const params = driftParams.parse({ mode });
	const whole = await openWhole({ kind: 'folder', home });
	const frame = async (name: string) => await storedRows(whole, (await whole.list('dataset', { name, limit: 1 }))[0]);
	const [before, reading] = await seconds(async () => await frame(reference));
	const kept = sketch ? buildReference(before) : before;
	const [now, readingNow] = await seconds(async () => await frame(current));
	await whole.close();
	const [record, comparing] = await seconds(async () => await driftReport(kept, now, params, { ...silentContext(), threads }));
	let fromStore: number | undefined;
	if (!sketch) {
		const store = await openStore(home);
		[, fromStore] = await seconds(async () => await monitor(store, { dataset: current, reference, mode }));
		await store.close();
	}
	return {
		reading: sketch ? readingNow : reading + readingNow,
		comparing,
		fromStore,
		peak: process.resourceUsage().maxRSS * 1024,
		columns: Object.fromEntries(record.columns.map(({ column, test, score, drifted }) => [column, { method: test, score, drifted }])),
	};
}

for await (const line of readline.createInterface({ input: process.stdin })) {
	const asked = JSON.parse(line) as { keep: string } | { compare: Asked };
	process.stdout.write(`${JSON.stringify('keep' in asked ? await keep(asked.keep) : await compare(asked.compare))}\n`);
}
process.exit(0);
