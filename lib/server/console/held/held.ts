import type { RolloutRecord } from '../../../domain/rollout.js';
import type { MainState } from '../../start.js';
import { holdAliases, type HeldAliases } from './heldAliases.js';
import { holdEvaluations, type HeldEvaluations } from './evaluations.js';
import { holdRows, type HeldRows, type Row } from './heldRows.js';
import { holdTraffic, type HeldTraffic } from './heldTraffic.js';

/** What lists show of a training. */
export interface RunRow extends Row {
	name: string;
	version: number;
	createdAt: string;
	learner: string;
	task: string;
	target: string;
	datasetId: string;
	metrics: Readonly<Record<string, number>>;
	primary: string;
	seconds: number;
	rows: { train: number; validation: number; test: number };
	backend: string;
	notes: number;
	/** Digest of its model. */
	model: string;
}

/** What lists show of a version of a dataset. */
export interface DatasetRow extends Row {
	name: string;
	version: number;
	createdAt: string;
	rows: number;
	columns: number;
	target?: string;
	task?: string;
	quarantined: number;
	source: { type: string; description: string };
}

/** What lists show of a registered version of a model. */
export interface VersionRow extends Row {
	name: string;
	version: number;
	createdAt: string;
	runId: string;
	digest: string;
	description?: string;
}

/** A version of a rollout; the newest of a name counts. */
export interface RolloutRow extends Row {
	name: string;
	body: RolloutRecord;
}

/** A version of an incident; the newest of a name counts. */
export interface StateRow extends Row {
	name: string;
	model: string;
	alias: string;
	state: string;
}

/** What the console keeps in memory of a store, so that lists over all of it are fast. */
export interface Held {
	runs: HeldRows<RunRow>;
	datasets: HeldRows<DatasetRow>;
	versions: HeldRows<VersionRow>;
	incidents: HeldRows<StateRow>;
	evaluations: HeldEvaluations;
	aliases: HeldAliases;
	rollouts: HeldRows<RolloutRow>;
	traffic: { hours: HeldTraffic; fives: HeldTraffic; ones: HeldTraffic };
}

const held = new WeakMap<MainState, Held>();

/** What is held for a server; made when it is asked for first. */
export function heldOf(state: MainState): Held {
	let found = held.get(state);
	if (!found) held.set(state, (found = hold(state)));
	return found;
}

/** The same text for equal texts: of 100,000 rows most names are alike, and comparing them is then quick. */
function createSame(): (text: string) => string {
	const known = new Map<string, string>();
	return (text) => {
		const found = known.get(text);
		if (found === undefined) known.set(text, text);
		return found ?? text;
	};
}

function hold({ store }: MainState): Held {
	const same = createSame();
	return {
		runs: holdRows(store, 'run', ({ seq, id, name, version, createdAt, body }): RunRow => {
			const { metrics, seconds, model, notes } = body;
			const { learner, task, target, datasetId, primary, backend } = body;
			const names = { learner: same(learner), task: same(task), target: same(target), datasetId: same(datasetId) };
			const { train, validation, test } = body.split.rows;
			const shown = { ...names, metrics, primary: same(primary), seconds, backend: same(backend), model, notes: notes.length };
			return { seq, id, name: same(name), version, createdAt, ...shown, rows: { train, validation, test } };
		}),
		datasets: holdRows(store, 'dataset', ({ seq, id, name, version, createdAt, body }): DatasetRow => {
			const { rows, columns, target, task, quarantined, source } = body;
			return { seq, id, name, version, createdAt, rows, columns: columns.length, target, task, quarantined: quarantined ?? 0, source };
		}),
		versions: holdRows(store, 'modelVersion', ({ seq, id, name, version, createdAt, body }): VersionRow => {
			const { runId, digest, description } = body;
			return { seq, id, name, version, createdAt, runId, digest, ...(description ? { description } : {}) };
		}),
		incidents: holdRows(
			store,
			'incident',
			({ seq, id, name, body: { model, alias, state } }): StateRow => ({ seq, id, name, model, alias, state }),
		),
		evaluations: holdEvaluations(store),
		aliases: holdAliases(store),
		rollouts: holdRows(store, 'rollout', ({ seq, id, name, body }): RolloutRow => ({ seq, id, name, body })),
		traffic: { hours: holdTraffic(store, 60), fives: holdTraffic(store, 5), ones: holdTraffic(store, 1) },
	};
}

/** The newest of each name. */
export function newestOf<R extends { name: string }>(rows: readonly R[]): Map<string, R> {
	return new Map(rows.map((row) => [row.name, row]));
}
