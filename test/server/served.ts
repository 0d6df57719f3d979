import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { register } from '../../lib/app/deploy.js';
import type { ColumnSchema } from '../../lib/domain/column.js';
import type { Division } from '../../lib/domain/rollout.js';
import { frameFromRows } from '../../lib/data/frameFromRows.js';
import { trainModel } from '../../lib/learn/trainModel.js';
import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { program } from '../cli/program.js';
import type { TrainSpec } from '../../lib/learn/training/types.js';
import { specOf, taskContext } from '../learn/penguins.js';
import { datasetBody, freshFolder, runBody } from '../store/records.js';

const column = (name: string, type: ColumnSchema['type']): ColumnSchema => ({ name, type, role: 'feature' });
const SCHEMA = [column('weight', 'number'), column('days', 'integer'), column('colour', 'category'), column('ripe', 'boolean')];
const LABELS = [column('quality', 'category'), column('grade', 'integer'), column('price', 'number')];

/** 240 pieces of fruit by a fixed rule, with a gap here and there. */
const fruit = Array.from({ length: 240 }, (_, i) => {
	const weight = i % 13 === 0 ? null : ((i * 37) % 100) + (i % 3 ? 0.25 : 0);
	const colour = ['red', 'green', 'blue'][(i * 5) % 3];
	const points = (weight ?? 40) + ((i * 7) % 11) * 4 + (colour === 'red' ? 30 : 0) + ((i * 53) % 20);
	return {
		weight,
		days: (i * 7) % 11,
		colour,
		ripe: Number(points > 80),
		quality: points > 90 ? 'good' : 'bad',
		grade: points > 110 ? 3 : points > 75 ? 2 : 1,
		price: points * 1.5,
	};
});

/** A row that the model `fruit` answers. */
export const ROW = { weight: 71.25, days: 3, colour: 'red', ripe: true };

/** What to train: one package a call, the same for the same arguments. */
export async function fruitPackage(target: 'quality' | 'grade' | 'price' = 'quality', trees = 10): Promise<Uint8Array> {
	return await fruitModel(target, { params: { n_estimators: trees } });
}

/** The same as `quality`, of fruit that is good where the other is bad. */
export async function contraryPackage(): Promise<Uint8Array> {
	const contrary = fruit.map((one) => ({ ...one, quality: one.quality === 'good' ? 'bad' : 'good' }));
	return await fruitModel('quality', { positiveClass: 'good', params: { n_estimators: 10 } }, contrary);
}

/** The same by another learner. */
export async function fruitModel(target: 'quality' | 'grade' | 'price', by: Partial<TrainSpec>, rows = fruit): Promise<Uint8Array> {
	const schema = [...SCHEMA, ...LABELS.filter(({ name }) => name === target).map((c) => ({ ...c, role: 'target' as const }))];
	const frame = frameFromRows(rows, schema);
	const task = target === 'quality' ? 'binary' : target === 'grade' ? 'multiclass' : 'regression';
	return (await trainModel(frame, specOf({ target, task, ...by }), taskContext())).package;
}

/** Registers a package as the next version of a model. */
export async function registerPackage(store: Store, name: string, bytes: Uint8Array): Promise<number> {
	const digest = await store.artifacts.put(bytes);
	const dataset = await store.add('dataset', 'people', await datasetBody(store, 'served'));
	const run = await store.add('run', name, { ...(await runBody(store, dataset.id)), model: digest });
	return (await register(store, name, { digest, runId: run.id })).version;
}

/** A store of its own with the model `fruit`: version 1, which is the champion, to `versions`. */
export async function fruitStore(versions = 1): Promise<{ home: string; store: Store }> {
	const home = await freshFolder();
	const store = await openStore({ kind: 'folder', home });
	await fillWithFruit(store, versions);
	return { home, store };
}

/** The same in a store that is open already. */
export async function fillWithFruit(store: Store, versions = 1): Promise<void> {
	for (let v = 1; v <= versions; v++) await registerPackage(store, 'fruit', await fruitPackage('quality', 10 * v));
	await store.moveAlias('fruit', 'champion', 1, { actor: 'test' });
}

/** Starts a rollout of the fruit model, which has its share from the first step on. */
export async function addRollout(store: Store, division: Division): Promise<void> {
	const now = new Date().toISOString();
	const step = { steps: [], step: 0, stepSince: now, startedAt: now, startedBy: 'test' };
	await store.add('rollout', division.id, { ...division, model: 'fruit', state: 'running', ...step });
}

export interface Served {
	url: string;
	child: ChildProcess;
	/** All that it said on stderr so far. */
	said(): string;
	/** Ends it as an operator would; gives its exit code. */
	stop(): Promise<number | null>;
}

/**
 * Starts the built program `mlops serve` on a store, on a free port, without keys unless the arguments say otherwise. On a busy machine it
 * would refuse requests as it should, so it waits long unless the arguments say otherwise.
 * @param through a command that runs the one that follows it
 */
export async function startServe(
	home: string,
	args: readonly string[] = ['--no-keys'],
	settings: Record<string, string> = {},
	through: readonly string[] = [],
): Promise<Served> {
	const { MLOPS_HOME: _home, EXECUTIONS_MODE: _mode, NODE_OPTIONS: _options, ...env } = process.env;
	const serve = [process.execPath, program, 'serve', '--port', '0', '--listeners', '2', '--max-delay', '60000', ...args];
	const [command, ...rest] = [...through, ...serve];
	const child = spawn(command, rest, {
		env: { ...env, MLOPS_HOME: home, ...settings },
		stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
	});
	let text = '';
	child.stderr!.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
	const exited = once(child, 'exit') as Promise<[number | null]>;
	const address = await new Promise<string>((resolve, reject) => {
		child.on('message', (message: { ready?: { address: string } }) => message.ready && resolve(message.ready.address));
		child.once('error', reject);
		child.once('exit', (code) => reject(new Error(`mlops serve ended with ${code}: ${text}`)));
	});
	return {
		url: address,
		child,
		said: () => text,
		async stop() {
			if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
			return (await exited)[0];
		},
	};
}

/** JSON of which a test knows the form. */
export interface Loose {
	[name: string]: Loose;
	[index: number]: Loose;
}

export interface Got {
	status: number;
	headers: Headers;
	body: Loose;
}

/** Asks over a real socket; a body that is no text is sent as JSON. */
export async function ask(url: string, body?: unknown, headers: Record<string, string> = {}): Promise<Got> {
	const response = await fetch(
		url,
		body === undefined
			? { headers }
			: {
					method: 'POST',
					headers: { 'content-type': 'application/json', ...headers },
					body: typeof body === 'string' ? body : JSON.stringify(body),
				},
	);
	const text = await response.text();
	const json = response.headers.get('content-type')?.includes('json');
	return { status: response.status, headers: response.headers, body: (json && text ? JSON.parse(text) : text) as Loose };
}
