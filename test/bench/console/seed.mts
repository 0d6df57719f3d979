// Makes a store of 100,000 trainings and 10 million answers over thirty days in a folder: `seed.mts FOLDER RUNS ANSWERS`
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { READER, seedWatched } from './seedWatched.mts';

const [folder, runCount, answerCount] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const dist = path.resolve(import.meta.dirname, '../../../dist/lib');
const require = createRequire(import.meta.url);
const from = <M,>(file: string): M => require(path.join(dist, file)) as M;

const { openStore } = from<typeof import('../../../lib/store/openStore.js')>('store/openStore.js');
const { ingest } = from<typeof import('../../../lib/app/calls/ingestCall.js')>('app/calls/ingestCall.js');
const { train } = from<typeof import('../../../lib/app/calls/trainCall.js')>('app/calls/trainCall.js');
const { evaluate } = from<typeof import('../../../lib/app/calls/evaluateCall.js')>('app/calls/evaluateCall.js');
const { sessionOn } = from<typeof import('../../../lib/app/session.js')>('app/session.js');
const { closeEngines } = from<typeof import('../../../lib/app/jobEngine.js')>('app/jobEngine.js');
const { makePerson, useLink } = from<typeof import('../../../lib/app/people.js')>('app/people.js');
const { sealedFolder, sealedName, segmentId } = from<typeof import('../../../lib/store/log/places.js')>('store/log/places.js');
const { digestFile } = from<typeof import('../../../lib/store/files.js')>('store/files.js');

const MODELS = 200;
/** Of these, those that are asked. */
const ASKED = 10;
const DATASETS = 500;
const VERSIONS = 10;
const ROLLOUTS = 300;
const DAYS = 30;
const AT_ONCE = 500;
const LEARNERS = ['gradientBoosting', 'randomForest', 'logisticRegression', 'neuralNetwork', 'decisionTree'];

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const actor = 'benchmark';
const store = await openStore({ kind: 'folder', home: folder });
const session = sessionOn(store, { actor });

// One of each for real: the others are like it.
const { fields: read } = await ingest(session, { source: 'example', params: { example: 'penguins' } });
const { fields: trained } = await train(session, { dataset: read.dataset.name, learner: 'gradientBoosting', params: { n_estimators: 5 } });
await evaluate(session, { model: trained.model });
const [dataset] = await store.list('dataset', { limit: 1 });
const [run] = await store.list('run', { limit: 1 });
const [evaluation] = await store.list('evaluation', { limit: 1 });
const [report] = await store.list('report', { limit: 1 });

/** Writes many records, so many in a transaction. */
async function many(
	what: string,
	count: number,
	write: (part: Parameters<Parameters<typeof store.transact>[0]>[0], i: number) => Promise<void>,
) {
	for (let at = 0; at < count; at += AT_ONCE) {
		await store.transact(async (part) => {
			for (let i = at; i < Math.min(at + AT_ONCE, count); i++) await write(part, i);
		});
		if (at % 20_000 === 0) say(`${what}: ${at} of ${count}`);
	}
}

const datasets: string[] = [];
await many('datasets', DATASETS * 4, async (part, i) => {
	const body = { ...dataset.body, name: `data ${i % DATASETS}`, content: `content ${i}`, rows: 1_000 + i };
	datasets.push((await part.add('dataset', body.name, body)).id);
});
const curve = Array.from({ length: 40 }, (_, step) => ({ step, validation: 1 / (1 + step) }));
const runs: string[] = [];
await many('runs', runCount, async (part, i) => {
	const datasetId = datasets[(i * 7) % datasets.length];
	const metrics = {
		auc: 0.5 + ((i * 7919) % 5_000) / 10_000,
		logLoss: 1 - ((i * 104_729) % 9_973) / 10_000,
		accuracy: ((i * 31) % 997) / 997,
	};
	const body = {
		...run.body,
		datasetId,
		learner: LEARNERS[i % LEARNERS.length],
		params: { ...run.body.params, seed: i },
		metrics,
		primary: 'auc',
		curve,
	};
	const { id } = await part.add('run', `model ${i % MODELS}`, { ...body, seconds: (i * 13) % 600 }, { parents: [datasetId] });
	if (i < MODELS * VERSIONS) runs.push(id);
});
// Each version has a package of its own, so that each has its own evaluation.
const digests: string[] = [];
for (let i = 0; i < MODELS * VERSIONS; i++) digests.push(await store.artifacts.put(`package ${i}`));
await many('versions', MODELS * VERSIONS, async (part, i) => {
	const name = `model ${i % MODELS}`;
	const { version } = await part.add(
		'modelVersion',
		name,
		{ name, version: 0, runId: runs[i], digest: digests[i], tags: {} },
		{ parents: [runs[i]] },
	);
	await part.add('evaluation', name, { ...evaluation.body, runId: runs[i], model: digests[i], seconds: i }, { parents: [runs[i]] });
	await part.moveAlias(name, 'champion', version, { actor: `person ${i % 7}@example.com`, reason: 'Better.' });
});
await many(
	'reports',
	20_000,
	async (part, i) => void (await part.add('report', i % 2 ? 'run' : 'evaluation', { ...report.body, name: `n${i}` })),
);
const now = new Date().toISOString();
await many('rollouts', ROLLOUTS, async (part, i) => {
	const id = `rollout-${i}`;
	const shared = {
		id,
		kind: 'canary' as const,
		model: `model ${i % MODELS}`,
		alias: 'champion',
		stable: 9,
		candidates: [{ version: 10, share: 0.1 }],
	};
	const body = { ...shared, steps: [{ share: 0.1 }], step: 0, stepSince: now, startedAt: now, startedBy: actor };
	await part.add('rollout', id, { ...body, state: 'running' });
	await part.add('rollout', id, { ...body, state: 'aborted', ended: { at: now, by: actor, reason: 'Seen enough.', version: 9 } });
});

await seedWatched(store, many, MODELS);
const { token } = await makePerson({ store, actor }, { email: READER.email, role: 'administrator' });
await useLink(store, token, { name: 'Reader', password: READER.password });

// Sealed segments as a server leaves them, a file for each six hours.
const duck = await DuckDBInstance.create();
const connection = await duck.connect();
const files = DAYS * 4;
const size = Math.floor(answerCount / files);
fs.mkdirSync(sealedFolder(folder, 'answers'), { recursive: true });
const start = Date.now() - DAYS * 86_400_000;
for (let f = 0; f < files; f++) {
	const begin = start + f * 6 * 3_600_000;
	const temporary = path.join(folder, 'tmp', `seed-${f}.parquet`);
	const every = (6 * 3_600_000) / size;
	const columns = [
		`TIMESTAMP '${new Date(begin).toISOString().slice(0, -1)}' + to_microseconds(CAST(i * ${every} * 1000 AS BIGINT)) AS "at"`,
		`'${f.toString(16).padStart(6, '0')}-' || i AS id`,
		`'model ' || (hash(i) % ${ASKED}) AS model`,
		`CAST(9 + hash(i + 1) % 2 AS INTEGER) AS version`,
		`'${digests[0]}' AS digest, 'champion' AS alias, NULL::VARCHAR AS rollout, 'stable' AS arm`,
		`CASE WHEN hash(i + 2) % 2 = 0 THEN 'own' ELSE 'oip' END AS door, NULL::VARCHAR AS key`,
		`CAST(1 + (hash(i + 3) % 1000) / 50.0 AS DOUBLE) AS ms`,
		`'{"x":' || (i % 100) || '}' AS input`,
		`CASE WHEN hash(i + 4) % 3 = 0 THEN '"yes"' ELSE '"no"' END AS prediction, '[' || ((hash(i + 5) % 1000) / 1000.0) || ']' AS score`,
		`NULL::VARCHAR AS warnings, CASE WHEN hash(i + 6) % 200 = 0 THEN 'predict.input_invalid' END AS error, NULL::BIGINT AS unlogged`,
	];
	await connection.run(
		`COPY (SELECT ${columns.join(', ')} FROM range(${size}) AS r(i)) TO '${temporary}' (FORMAT parquet, COMPRESSION zstd)`,
	);
	const [first, last] = [new Date(begin).toISOString(), new Date(begin + Math.floor((size - 1) * every)).toISOString()];
	const name = sealedName(segmentId(f.toString(16).padStart(8, '0'), new Date(begin)), first, last);
	fs.renameSync(temporary, path.join(sealedFolder(folder, 'answers'), name));
	const { digest, size: bytes } = (await digestFile(path.join(sealedFolder(folder, 'answers'), name)))!;
	await store.log.journal.sealed({
		kind: 'answers',
		file: `answers/sealed/${name}`,
		sha256: digest,
		bytes,
		rows: size,
		from: first,
		to: last,
	});
	if (f % 20 === 0) say(`answers: ${f * size} of ${answerCount}`);
}
connection.closeSync();
say('roll-ups');
await store.log.minutes();
await store.close();
await closeEngines();
