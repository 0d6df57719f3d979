import { eventsAfter, followEvents, laterOf, positionFor, type Position } from '../../lib/app/events.js';
import type { RolloutRecord } from '../../lib/domain/rollout.js';
import { EVENT_KINDS, type EventKind, type ItemEvent } from '../../lib/domain/serverEvent.js';
import type { RecordBodies, Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { freshFolder, removeFolders, versionBody } from '../store/records.js';

const ALL = Object.keys(EVENT_KINDS) as EventKind[];
const EVERYTHING = { kinds: ALL, models: [] };
let home: string;
let store: Store;
beforeEach(async () => {
	home = await freshFolder();
	store = await openStore({ kind: 'folder', home });
	for (const mark of ['a', 'b', 'c']) await store.add('modelVersion', 'churn', await versionBody(store, 'churn', mark));
});
afterEach(async () => {
	await store.close();
});
afterAll(removeFolders);

const move = async (to: number, reason?: string) =>
	await store.moveAlias('churn', 'champion', to, { actor: 'ann@example.com', kind: 'deploy', ...(reason ? { reason } : {}) });

function drift(drifted: boolean): RecordBodies['drift'] {
	return {
		mode: 'default',
		reference: { description: 'June', rows: 10 },
		current: { description: 'July', rows: 10 },
		columns: [],
		driftedColumns: drifted ? ['distance'] : [],
		share: 0.5,
		shareThreshold: 0.5,
		drifted,
		summary: drifted ? 'One of two columns drifted: distance.' : 'Nothing drifted.',
		modelName: 'churn',
		seconds: 1,
		notes: [],
	};
}

const rollout = (change: Partial<RolloutRecord> = {}): RolloutRecord => ({
	id: 'careful',
	kind: 'canary',
	alias: 'champion',
	stable: 1,
	candidates: [{ version: 2, share: 0.05 }],
	model: 'churn',
	state: 'running',
	steps: [{ share: 0.05 }, { share: 0.5 }],
	step: 0,
	stepSince: '2026-01-01T00:00:00.000Z',
	startedAt: '2026-01-01T00:00:00.000Z',
	startedBy: 'ann@example.com',
	...change,
});

it('an event names those of the model whom it concerns, and only them', async () => {
	const people = {
		responsible: ['r@example.com'],
		accountable: ['a@example.com'],
		consulted: ['c@example.com'],
		informed: ['i@example.com'],
	};
	await store.add('people', 'churn', people);
	const start = await positionFor(store, ALL, undefined);
	await move(1);
	await store.add('drift', 'churn', drift(true));
	const approval = { title: 'Deploy churn', modelName: 'churn' };
	const expiresAt = new Date(Date.now() + 60_000).toISOString();
	const items = await store.artifacts.put('[]');
	const { id } = await store.createApproval({ subject: approval, approvers: ['ann@example.com'], expiresAt, items });
	await store.decideApproval(id, 'rejected', 'ann@example.com', 'not yet');
	await store.audit({ actor: 'ann@example.com', action: 'truth.told', subject: 'churn', details: { rows: 1, models: { churn: 1 } } });
	const { events } = await eventsAfter(store, start, EVERYTHING);
	expect(events.map(({ kind, tell }) => [kind, tell?.map(([first]) => first).join('')])).toEqual([
		['aliasMoved', 'rai'],
		['alert', 'r'],
		['approvalAsked', 'ac'],
		['approvalDecided', 'rai'],
		['truthReceived', undefined],
	]);
});

it('says in words what happened, to which model and versions, by whom and why', async () => {
	const start = await positionFor(store, ALL, undefined);
	await move(1);
	await move(2, 'better on June');
	await store.moveAlias('churn', 'champion', 1, { actor: 'bob@example.com', kind: 'roll_back', reason: 'complaints' });
	await store.add('drift', 'churn', drift(false));
	await store.add('drift', 'churn', drift(true));
	await store.add('rollout', 'careful', rollout());
	await store.add('rollout', 'careful', rollout({ step: 1, candidates: [{ version: 2, share: 0.5 }] }));
	const ended = { at: '2026-01-02T00:00:00.000Z', by: 'system', reason: 'The guard on errors broke.', version: 1 };
	await store.add('rollout', 'careful', rollout({ state: 'aborted', step: 1, ended }));
	const expiresAt = new Date(Date.now() + 60_000).toISOString();
	const { id } = await store.createApproval({
		subject: { title: 'Deploy churn', modelName: 'churn' },
		approvers: ['ann@example.com'],
		expiresAt,
		items: await store.artifacts.put('[]'),
	});
	await store.decideApproval(id, 'rejected', 'ann@example.com', 'not yet');
	const { events } = await eventsAfter(store, start, EVERYTHING);
	expect(
		events.map(({ kind, what, version, previousVersion, actor, reason }) => [kind, what, version, previousVersion, actor, reason]),
	).toEqual([
		['aliasMoved', 'churn version 1 was deployed: the alias "champion" points to it.', 1, null, 'ann@example.com', undefined],
		[
			'aliasMoved',
			'churn version 2 was deployed: the alias "champion" points to it, before it was version 1.',
			2,
			1,
			'ann@example.com',
			'better on June',
		],
		[
			'aliasMoved',
			'churn version 1 was rolled back: the alias "champion" points to it, before it was version 2.',
			1,
			2,
			'bob@example.com',
			'complaints',
		],
		['alert', 'One of two columns drifted: distance.', undefined, undefined, 'system', undefined],
		['rolloutStep', 'churn: the canary "careful" began with version 2 (5%).', 2, 1, 'ann@example.com', undefined],
		['rolloutStep', 'churn: the canary "careful" is at step 2 of 2 with version 2 (50%).', 2, 1, 'system', undefined],
		[
			'rolloutAborted',
			'churn: the canary "careful" was aborted; version 1 answers. The guard on errors broke.',
			1,
			1,
			'system',
			'The guard on errors broke.',
		],
		[
			'approvalAsked',
			`"Deploy churn" waits for a decision by ann@example.com, until ${expiresAt.slice(0, 16).replace('T', ' ')} UTC.`,
			undefined,
			undefined,
			'system',
			undefined,
		],
		['approvalDecided', '"Deploy churn" was rejected: "not yet"', undefined, undefined, 'ann@example.com', 'not yet'],
	]);
	expect(events.every(({ model, at, seq }) => model === 'churn' && !Number.isNaN(Date.parse(at)) && Number.isInteger(seq))).toBe(true);
});

it('begins at the end of the chain, tells what comes later once, and only what was asked for', async () => {
	await move(1);
	let position = await positionFor(store, ['aliasMoved'], undefined);
	const next = async (watch: { kinds: EventKind[]; models: string[] }) => {
		const read = await eventsAfter(store, position, watch);
		position = JSON.parse(JSON.stringify(read.position)) as Position;
		return read.events.map((event) => [event.kind, event.version]);
	};
	const watch = { kinds: ['aliasMoved'] as EventKind[], models: [] as string[] };
	expect(await next(watch)).toEqual([]);
	await move(2);
	await store.add('drift', 'churn', drift(true));
	expect(await next(watch)).toEqual([['aliasMoved', 2]]);
	expect(await next(watch)).toEqual([]);
	await move(3);
	expect(await next({ ...watch, models: ['another'] })).toEqual([]);
	// What is ticked from now on is not told of the past, nor is what goes on to be ticked told twice or lost.
	await move(1);
	await store.add('drift', 'churn', { ...drift(true), seconds: 2 });
	position = await positionFor(store, ['aliasMoved', 'alert'], position);
	await store.add('drift', 'churn', { ...drift(true), seconds: 3 });
	expect(await next({ kinds: ['aliasMoved', 'alert'], models: ['churn'] })).toEqual([
		['aliasMoved', 1],
		['alert', undefined],
	]);
});

it('a position of another store, or beyond the end of one that was put back, is the present end', async () => {
	await move(1);
	const end = (await store.auditLog({ limit: 1 }))[0]!.seq;
	const kinds: EventKind[] = ['aliasMoved'];
	for (const before of [{ storeId: 'another', seq: 1, kinds: {} }, { storeId: store.id, seq: end + 5, kinds: {} }, undefined])
		expect(await positionFor(store, kinds, before)).toEqual({ storeId: store.id, seq: end, kinds: { aliasMoved: end } });
	const known = { storeId: store.id, seq: end - 1, kinds: { aliasMoved: 1 } };
	expect(await positionFor(store, kinds, known)).toEqual(known);
	expect(laterOf(known, { ...known, seq: end })).toEqual({ ...known, seq: end });
	expect(laterOf(known, { ...known, storeId: 'another', seq: end })).toEqual(known);
	expect(laterOf(undefined, known)).toBeUndefined();
});

it('a reader that is stopped and started again anywhere is told each event once, in order', async () => {
	const seen: ItemEvent[] = [];
	let kept = await positionFor(store, ALL, undefined);
	for (let round = 0; round < 4; round++) {
		const to = (round % 3) + 1;
		await move(to);
		await move((to % 3) + 1);
		await new Promise<void>((resolve) => {
			const stop = followEvents(store, kept, EVERYTHING, {
				tell(event, { now }) {
					seen.push(event);
					kept = now;
					// Two events are there, and this reader takes one: the next reader gets the other.
					stop();
					resolve();
				},
				settled: async () => {},
				trouble: (sentence) => {
					throw new Error(sentence);
				},
			});
		});
	}
	seen.push(...(await eventsAfter(store, kept, EVERYTHING)).events);
	const wanted = (await store.auditLog({ since: 0 })).filter((event) => event.action === 'alias.moved').map((event) => event.seq);
	expect(wanted).toHaveLength(5);
	expect(seen.map((event) => event.seq)).toEqual(wanted);
});
