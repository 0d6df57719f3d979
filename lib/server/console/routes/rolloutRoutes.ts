import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod/v4';
import { rolloutHistory, rolloutPoint } from '../../../app/rolloutHistory.js';
import { abortRollout, promoteRollout, stepRollout } from '../../../app/rollouts.js';
import { rolloutStatus, type TruthReader } from '../../../app/rolloutStatus.js';
import { truthReaderOf } from '../../../app/truthReader.js';
import { itemDeployment, itemRollout } from '../../../domain/item.js';
import { ROLLOUT_KINDS, ROLLOUT_STATES, rolloutRecord, type RolloutRecord } from '../../../domain/rollout.js';
import { armName } from '../../../serve/rollout/counts.js';
import { lookedAt } from '../../../serve/rollout/judgeRollout.js';
import type { MainState } from '../../start.js';
import { consoleRoute, type Who } from '../contract.js';
import { heldOf, newestOf } from '../held/held.js';
import { pageOf, pageQuery, pageOfNames, placeIn } from '../paging.js';
import { maySee, name, refuseOthers, unknown } from './routeParts.js';

const rolloutEntry = rolloutRecord.pick({
	...{ id: true, kind: true, model: true, alias: true, stable: true, candidates: true, state: true, steps: true, step: true },
	...{ stepSince: true, startedAt: true, startedBy: true, ended: true, ready: true },
});

export const rollouts = consoleRoute({
	method: 'GET',
	path: '/rollouts',
	role: 'viewer',
	summary: 'The rollouts, the latest first.',
	query: pageQuery.extend({ model: name.optional(), state: z.enum(ROLLOUT_STATES).optional(), kind: z.enum(ROLLOUT_KINDS).optional() }),
	answer: pageOf(rolloutEntry),
	async does(state, { query, who }) {
		const { model, state: wanted, kind } = query;
		const rows = await heldOf(state).rollouts.read();
		const place = placeIn('rollouts', query);
		const top = place ? Number(place[0]) : (rows.at(-1)?.seq ?? 0);
		const found = [...newestOf(rows.filter(({ seq }) => seq <= top)).values()]
			.map(({ body }) => body)
			.filter((r) => maySee(who, r.model) && (!model || r.model === model) && (!wanted || r.state === wanted) && (!kind || r.kind === kind))
			.sort((a, b) => (a.startedAt < b.startedAt ? 1 : a.startedAt > b.startedAt ? -1 : a.id < b.id ? -1 : 1));
		return pageOfNames('rollouts', query, { top, last: place?.[1] }, found, ({ id }) => id);
	},
});

/** Readers of the truth that came back to rollouts which somebody looks at. */
const readers = new WeakMap<MainState, Map<string, Promise<TruthReader | undefined>>>();
const MOST_READERS = 20;
/** Longer nobody waits for truths that come in: they are shown with the next look. */
const PATIENCE_MS = 40;

/** A reader that has read what it could in a moment, and goes on reading. */
async function readerOf(state: MainState, record: RolloutRecord): Promise<TruthReader | undefined> {
	let known = readers.get(state);
	if (!known) readers.set(state, (known = new Map()));
	let made = known.get(record.id);
	if (!made) {
		known.set(record.id, (made = truthReaderOf(state.store, record)));
		for (const [oldest] of known) {
			if (known.size <= MOST_READERS) break;
			known.delete(oldest);
		}
	}
	const reader = await made.catch(() => undefined);
	if (!reader) return undefined;
	const reading = reader.read();
	reading.catch(() => {});
	await Promise.race([reading, sleep(PATIENCE_MS)]);
	// What is there now; more comes with the next look.
	return { ...reader, truths: reader.truths, read: () => Promise.resolve(false) };
}

async function find(state: MainState, who: Who, id: string): Promise<{ record: RolloutRecord; version: number }> {
	const found = await state.store.find('rollout', id);
	if (!found || !maySee(who, found.body.model)) throw unknown(`The rollout "${id}"`);
	return { record: found.body, version: found.version };
}

const ofId = z.object({ rollout: name });

export const rollout = consoleRoute({
	method: 'GET',
	path: '/rollouts/:rollout',
	role: 'viewer',
	summary: 'A rollout: how it stands, what its guards and the truth say now, and how sure they were over time.',
	params: ofId,
	answer: z.object({
		/** To be sent along with a change: it is refused where somebody else changed the rollout meanwhile. */
		version: z.number().int(),
		record: rolloutRecord,
		status: itemRollout,
		/** What each arm was asked. */
		arms: z.array(
			z.object({ arm: z.string(), requests: z.number(), rows: z.number(), failed: z.number(), pairs: z.number(), agreeing: z.number() }),
		),
		/** How sure guards and results were, moment by moment. */
		history: z.array(rolloutPoint),
		/** How the difference of the main metric came, by answers with a known truth. */
		ways: z.array(
			z.object({
				version: z.number().int(),
				metric: z.string(),
				looks: z.array(z.object({ n: z.number(), value: z.number(), low: z.number().nullable(), high: z.number().nullable() })),
			}),
		),
		events: z.array(z.object({ at: z.string(), actor: z.string(), action: z.string(), details: z.record(z.string(), z.unknown()) })),
	}),
	async does(state, { params, who }) {
		const { store } = state;
		const { record, version } = await find(state, who, params.rollout);
		const status = await rolloutStatus(store, record, await readerOf(state, record));
		const events = await store.auditLog({ subject: record.model, action: 'rollout.', limit: MOST_EVENTS });
		const finite = (x: number): number | null => (Number.isFinite(x) ? x : null);
		return {
			version,
			record,
			status: status.rollout,
			arms: Object.entries(status.sight.counts.arms).map(([arm, { requests, rows, failed, rowErrors, pairs, agreeing }]) => ({
				...{ arm, requests, rows, pairs, agreeing },
				failed: failed + rowErrors,
			})),
			history: await rolloutHistory(store, record.id),
			ways: record.candidates.map((candidate) => ({
				version: candidate.version,
				metric: status.truths?.label ?? '',
				looks: (status.truths?.way(armName(record, candidate.version), lookedAt(record)) ?? []).map(({ n, value, low, high }) => ({
					...{ n, value },
					low: finite(low),
					high: finite(high),
				})),
			})),
			events: events
				.filter(({ details }) => details.rollout === record.id)
				.map(({ at, actor, action, details }) => ({ at, actor, action, details })),
		};
	},
});

/** Events of a model's rollouts that are looked through for those of one. */
const MOST_EVENTS = 500;

const change = z.object({
	reason: z.string().trim().min(1).max(2_000).meta({ description: 'Why, for the audit log' }),
	expect: z.number().int().optional().meta({ description: '`version` of what was looked at' }),
});

export const stepIt = consoleRoute({
	method: 'POST',
	path: '/rollouts/:rollout/step',
	role: 'operator',
	summary: 'Gives the new version its next share.',
	params: ofId,
	body: change,
	answer: itemRollout,
	async does(state, { params, body, who }) {
		const { record } = await find(state, who, params.rollout);
		return await stepRollout(state.store, { id: record.id, actor: who.name, ...body });
	},
});

export const abortIt = consoleRoute({
	method: 'POST',
	path: '/rollouts/:rollout/abort',
	role: 'operator',
	summary: 'Puts everybody back to the stable version.',
	params: ofId,
	body: change,
	answer: itemRollout,
	async does(state, { params, body, who }) {
		const { record } = await find(state, who, params.rollout);
		return await abortRollout(state.store, { id: record.id, actor: who.name, ...body });
	},
});

export const promoteIt = consoleRoute({
	method: 'POST',
	path: '/rollouts/:rollout/promote',
	role: 'operator',
	summary: 'Gives the alias to the new version, where gate and approval allow it.',
	params: ofId,
	body: change.extend({ version: z.number().int().optional().meta({ description: 'Which, where several take part' }) }),
	answer: z.object({ rollout: itemRollout, deployment: itemDeployment }),
	async does(state, { params, body, who }) {
		const { record } = await find(state, who, params.rollout);
		refuseOthers(who, record.model);
		return await promoteRollout(state.store, { id: record.id, actor: who.name, ...body });
	},
});
