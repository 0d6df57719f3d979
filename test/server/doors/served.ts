import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import type { ColumnSchema } from '../../../lib/domain/column.js';
import { frameFromRows } from '../../../lib/data/frameFromRows.js';
import { trainModel } from '../../../lib/learn/trainModel.js';
import { createPredictor, type RowPredictor } from '../../../lib/serve/predictor.js';
import { createApp } from '../../../lib/server/app.js';
import { blockBytes, createCounters } from '../../../lib/server/metrics/counters.js';
import { createCheck } from '../../../lib/server/guard.js';
import { serveOptions, type ServeOptions } from '../../../lib/domain/serveOptions.js';
import { createOwnLog } from '../../../lib/server/ownLog.js';
import { createPackages } from '../../../lib/server/packages.js';
import { createServing } from '../../../lib/server/serving.js';
import type { ServedModel } from '../../../lib/server/serveTable.js';
import { createIdSource } from '../../../lib/domain/answerId.js';
import { specOf, taskContext } from '../../learn/penguins.js';

const column = (name: string, type: ColumnSchema['type']): ColumnSchema => ({ name, type, role: 'feature' });
const FEATURES = [
	column('weight', 'number'),
	column('days', 'integer'),
	column('Colour', 'category'),
	column('since', 'datetime'),
	column('ripe', 'boolean'),
];
const NUMBERS = [column('a', 'number'), column('b', 'number'), column('c', 'integer')];
const COLOURS = ['red', 'green', 'blue', 'Größe, "gelb"'];

/** 200 rows by a fixed rule; gaps everywhere but in the three plain numbers. */
const training = Array.from({ length: 200 }, (_, i) => {
	const weight = i % 13 === 0 ? null : ((i * 37) % 100) + (i % 3 ? 0.25 : 0);
	const days = i % 17 === 0 ? null : (i * 7) % 11;
	const points = (weight ?? 40) + (days ?? 5) * 4 + (i % 4 ? 0 : 30) + ((i * 53) % 20);
	return {
		weight,
		days,
		Colour: i % 19 === 0 ? null : COLOURS[(i * 5) % 4],
		since: i % 23 === 0 ? null : Date.UTC(2024, 0, 1 + (i % 300), i % 24),
		ripe: i % 29 === 0 ? null : +(points > 80),
		a: weight ?? 40,
		b: points / 7,
		c: i % 9,
		good: points > 90 ? 'yes' : 'no',
		grade: points > 110 ? 3 : points > 75 ? 2 : 1,
		price: points * 1.5,
	};
});

/** A row for the models with all kinds of columns, as people send it. */
export const FRUIT = { weight: 12.5, days: 3, Colour: 'red', since: '2024-03-01T10:00:00Z', ripe: true };

export interface Trained {
	name: string;
	bytes: Uint8Array;
	digest: string;
	predictor: RowPredictor;
}

async function trained(name: string, target: string, type: ColumnSchema['type'] | undefined, features: ColumnSchema[]): Promise<Trained> {
	const frame = frameFromRows(training, [...features, ...(type ? [column(target, type)] : [])]);
	const anomaly = type === undefined;
	const learner = anomaly ? 'isolationForest' : 'gradientBoosting';
	const spec = specOf({ target, learner, params: { n_estimators: 10 }, ...(anomaly ? { task: 'anomaly' as const } : {}) });
	const { package: bytes } = await trainModel(frame, spec, taskContext());
	const digest = createHash('sha256').update(bytes).digest('hex');
	return { name, bytes, digest, predictor: await createPredictor(bytes, digest) };
}

/** A listener of the server, in this process: real models, real addresses, no store. */
export interface Served {
	app: FastifyInstance;
	/** `fruit` (yes or no, twice), `grade` (three classes), `price.v2` (a number, of three numbers), `odd` (anomalies). */
	models: Record<'fruit' | 'grade' | 'price' | 'odd', Trained>;
	url: string;
	/** All that it counted. */
	counts: Float64Array;
	post(path: string, body: unknown, headers?: Record<string, string>): Promise<Reply>;
	get(path: string): Promise<Reply>;
	close(): Promise<void>;
}
export interface Reply {
	status: number;
	json: unknown;
	headers: Headers;
	bytes: Buffer;
}

const table = ({ name, digest }: Trained, more: Partial<ServedModel> = {}): ServedModel => ({
	name,
	versions: { 1: digest, 2: digest },
	archived: [3],
	aliases: { champion: 2 },
	divisions: [],
	failed: {},
	...more,
});

let made: Promise<Served['models']> | undefined;

async function allModels(): Promise<Served['models']> {
	const [fruit, grade, price, odd] = await Promise.all([
		trained('fruit', 'good', 'category', FEATURES),
		trained('grade', 'grade', 'integer', FEATURES),
		trained('price.v2', 'price', 'number', NUMBERS),
		trained('odd', '', undefined, NUMBERS),
	]);
	return { fruit, grade, price, odd };
}

export async function served(given: Partial<ServeOptions> = {}): Promise<Served> {
	const models = await (made ??= allModels());
	const options = serveOptions.parse({ keys: false, model: 'fruit', port: 0, maxDelay: 60_000, ...given });
	const folder = mkdtempSync(join(tmpdir(), 'mlops-doors-'));
	for (const { digest, bytes } of Object.values(models)) writeFileSync(join(folder, digest), bytes);
	const packages = createPackages(options.memory * 2 ** 20, (digest) => Promise.resolve(join(folder, digest)));
	const counts = new Float64Array(new SharedArrayBuffer(blockBytes));
	const counters = createCounters(counts.buffer, () => {});
	const nextId = createIdSource();
	const { serving, use } = createServing({
		packages,
		counters,
		log: undefined,
		nextId,
		main: options.model,
		maxRows: options.maxRows,
		call: () => Promise.reject(new Error('There is no main thread.')),
	});
	use([table(models.fruit), table(models.grade, { failed: { 1: 'Its package is damaged.' } }), table(models.price), table(models.odd)]);
	const seenAt = (): number => Date.now();
	const check = createCheck({ options, table: () => ({ seq: 0, seenAt: seenAt(), readFrom: 0, models: [], keys: [] }), seenAt });
	const own = { ownLog: createOwnLog(), unloggedSince: () => 0 };
	const app = createApp({ serving, options, storeId: 'none', check, counters, nextId, seenAt, ...own });
	const url = await app.listen({ host: '127.0.0.1', port: 0 });
	const ask = async (path: string, init: RequestInit): Promise<Reply> => {
		const response = await fetch(`${url}${path}`, init);
		const bytes = Buffer.from(await response.arrayBuffer());
		let json: unknown;
		try {
			json = JSON.parse(bytes.toString('utf8'));
		} catch {
			// Binary answers.
		}
		return { status: response.status, json, headers: response.headers, bytes };
	};
	return {
		app,
		models,
		url,
		counts,
		get: async (path) => await ask(path, {}),
		post: async (path, body, headers = {}) =>
			await ask(path, {
				method: 'POST',
				headers: { 'content-type': 'application/json', ...headers },
				body: typeof body === 'string' || Buffer.isBuffer(body) ? (body as BodyInit) : JSON.stringify(body),
			}),
		async close() {
			await app.close();
			rmSync(folder, { recursive: true });
		},
	};
}
