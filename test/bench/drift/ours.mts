// Our side of the benchmark in a process of its own: one JSON object a line in, one a line out.
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import readline from 'node:readline';
import type { Asked, Compared } from './messages.mts';

const require = createRequire(import.meta.url);
const dist = path.resolve(import.meta.dirname, '../../../dist/lib');
const from = <M,>(file: string): M => require(path.join(dist, file)) as M;

const { openStore } = from<typeof import('../../../lib/store/openStore.js')>('store/openStore.js');
const { ingest } = from<typeof import('../../../lib/app/calls/ingestCall.js')>('app/calls/ingestCall.js');
const { monitor } = from<typeof import('../../../lib/app/calls/monitorCall.js')>('app/calls/monitorCall.js');
const { sessionOn } = from<typeof import('../../../lib/app/session.js')>('app/session.js');
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

const open = async (folder: string) => await openStore({ kind: 'folder', home: path.join(folder, 'store') });

/** The tables as datasets of a store; they stay there for the next time. */
async function keep(folder: string): Promise<object> {
	const store = await open(folder);
	const session = sessionOn(store, { actor: 'benchmark' });
	const known = new Set(await store.names('dataset'));
	for (const name of ['reference', 'current', 'day'])
		if (!known.has(name)) await ingest(session, { file: path.join(folder, `${name}.parquet`), name });
	await store.close();
	return {};
}

async function compare({ folder, reference, current, mode, sketch, threads }: Asked): Promise<Compared> {
	const params = driftParams.parse({ mode });
	const store = await open(folder);
	const frame = async (name: string) => await storedRows(store, (await store.list('dataset', { name, limit: 1 }))[0]);
	const [before, reading] = await seconds(async () => await frame(reference));
	const kept = sketch ? buildReference(before) : before;
	const [now, readingNow] = await seconds(async () => await frame(current));
	const [record, comparing] = await seconds(async () => await driftReport(kept, now, params, { ...silentContext(), threads }));
	const session = sessionOn(store, { actor: 'benchmark' });
	const job = sketch ? undefined : await seconds(async () => await monitor(session, { dataset: current, reference, mode }));
	await store.close();
	return {
		reading: sketch ? readingNow : reading + readingNow,
		comparing,
		fromStore: job?.[1],
		peak: process.resourceUsage().maxRSS * 1024,
		columns: Object.fromEntries(record.columns.map(({ column, test, score, drifted }) => [column, { method: test, score, drifted }])),
	};
}

for await (const line of readline.createInterface({ input: process.stdin })) {
	const asked = JSON.parse(line) as { keep: string } | { compare: Asked };
	process.stdout.write(`${JSON.stringify('keep' in asked ? await keep(asked.keep) : await compare(asked.compare))}\n`);
}
process.exit(0);
