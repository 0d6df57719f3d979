import { z } from 'zod/v4';
import { dictionaryOf } from '../../../domain/dictionary.js';
import { modelPolicy } from '../../../domain/model.js';
import { ROLLOUT_KINDS, ROLLOUT_STATES } from '../../../domain/rollout.js';
import type { MainState } from '../../start.js';
import { consoleRoute, type Who } from '../contract.js';
import type { AliasNow } from '../held/heldAliases.js';
import { heldOf, newestOf, type VersionRow } from '../held/held.js';
import { recentTraffic } from '../held/recent.js';
import { ORDERS, pageOf, pageOfNames, pageQuery, placeIn, storedPage } from '../paging.js';
import { holds, maySee, moment, name, quality, refuseOthers, text, unknown } from './routeParts.js';

const CHAMPION = 'champion';

const modelEntry = z.object({
	name: z.string(),
	/** How many versions are registered. */
	versions: z.number().int(),
	newest: z.object({ version: z.number().int(), at: z.string() }),
	/** What answers by the alias `champion`, and since when. */
	champion: z.object({ version: z.number().int(), since: z.string().optional() }).optional(),
	/** Where each alias points. */
	aliases: dictionaryOf(z.number().int()),
	/** Of the champion, else of the newest version. */
	quality: quality.optional(),
	/** Answers of the last 24 hours. */
	traffic: z.object({ answers: z.number(), errors: z.number(), last: z.string().optional() }),
	/** Incidents that are not closed. */
	incidents: z.number().int(),
	task: z.string().optional(),
	target: z.string().optional(),
});

interface Known {
	name: string;
	versions: VersionRow[];
}

/** What entries of models are made of, read once for all of them. */
async function entriesOf(state: MainState, known: readonly Known[]): Promise<Array<z.input<typeof modelEntry>>> {
	const held = heldOf(state);
	const [aliases, traffic] = [await held.aliases.read(), await recentTraffic(state)];
	await held.evaluations.refresh();
	const incidents = new Map<string, number>();
	for (const { model: of, state: now } of newestOf(await held.incidents.read()).values())
		if (now !== 'closed') incidents.set(of, (incidents.get(of) ?? 0) + 1);
	const entries: Array<z.input<typeof modelEntry>> = [];
	for (const { name: called, versions } of known) {
		const newest = versions.at(-1)!;
		const own = aliases.get(called) ?? new Map<string, AliasNow>();
		const champion = own.get(CHAMPION);
		const shown = versions.find(({ version }) => version === champion?.to) ?? newest;
		const run = await held.runs.find(shown.runId);
		entries.push({
			name: called,
			versions: versions.length,
			newest: { version: newest.version, at: newest.createdAt },
			...(champion ? { champion: { version: champion.to, since: champion.since } } : {}),
			aliases: Object.fromEntries([...own].map(([alias, { to }]) => [alias, to])),
			quality: await held.evaluations.of(shown.digest),
			traffic: traffic.get(called) ?? { answers: 0, errors: 0 },
			incidents: incidents.get(called) ?? 0,
			...(run ? { task: run.task, target: run.target } : {}),
		});
	}
	return entries;
}

/** Versions by model, up to a place. */
async function knownModels(state: MainState, who: Who, top = Number.POSITIVE_INFINITY): Promise<{ models: Known[]; top: number }> {
	const rows = await heldOf(state).versions.read();
	const byName = new Map<string, VersionRow[]>();
	for (const row of rows) {
		if (row.seq > top || !maySee(who, row.name)) continue;
		const versions = byName.get(row.name);
		if (versions) versions.push(row);
		else byName.set(row.name, [row]);
	}
	return { models: [...byName].map(([called, versions]) => ({ name: called, versions })), top: Math.min(top, rows.at(-1)?.seq ?? 0) };
}

const SORTS = {
	name: (a: Known, b: Known) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0),
	newest: (a: Known, b: Known) => a.versions.at(-1)!.seq - b.versions.at(-1)!.seq,
	versions: (a: Known, b: Known) => a.versions.length - b.versions.length || SORTS.name(a, b),
};

export const models = consoleRoute({
	method: 'GET',
	path: '/models',
	role: 'viewer',
	summary: 'The registered models, each with what answers, how good it was, and how much it is asked.',
	query: pageQuery.extend({ text, sort: z.enum(['name', 'newest', 'versions']).default('name'), order: z.enum(ORDERS).default('asc') }),
	answer: pageOf(modelEntry),
	async does(state, { query, who }) {
		const place = placeIn('models', query);
		// As they were when the first page was asked for, so that no page behind it moves.
		const { models: known, top } = await knownModels(state, who, place ? Number(place[0]) : undefined);
		const sorted = known.filter((model) => holds(model.name, query.text)).sort(SORTS[query.sort]);
		if (query.order === 'desc') sorted.reverse();
		const page = pageOfNames('models', query, { top, last: place?.[1] }, sorted, (model) => model.name);
		return { ...page, entries: await entriesOf(state, page.entries) };
	},
});

const rolloutRef = z.object({
	id: z.string(),
	kind: z.enum(ROLLOUT_KINDS),
	alias: z.string(),
	state: z.enum(ROLLOUT_STATES),
	candidates: z.array(z.object({ version: z.number().int(), share: z.number() })),
	startedAt: z.string(),
	endedAt: z.string().optional(),
});

async function rolloutsOf(state: MainState, model: string): Promise<Array<z.input<typeof rolloutRef>>> {
	const all = [...newestOf(await heldOf(state).rollouts.read()).values()].filter(({ body }) => body.model === model);
	return all.map(({ body: { id, kind, alias, state: now, candidates, startedAt, ended } }) => ({
		id,
		kind,
		alias,
		state: now,
		candidates,
		startedAt,
		...(ended ? { endedAt: ended.at } : {}),
	}));
}

export const model = consoleRoute({
	method: 'GET',
	path: '/models/:model',
	role: 'viewer',
	summary: 'A model: what answers, by which policy, and the rollouts that run.',
	params: z.object({ model: name }),
	answer: modelEntry.extend({ policy: modelPolicy, archived: z.array(z.number().int()), running: z.array(rolloutRef) }),
	async does(state, { params, who }) {
		refuseOthers(who, params.model);
		const versions = (await heldOf(state).versions.read()).filter((row) => row.name === params.model);
		if (versions.length === 0) throw unknown(`The model "${params.model}"`);
		const [entry] = await entriesOf(state, [{ name: params.model, versions }]);
		return {
			...entry,
			policy: await state.store.policy(params.model),
			archived: await state.store.archived(params.model),
			running: (await rolloutsOf(state, params.model)).filter((rollout) => rollout.state === 'running'),
		};
	},
});

const move = z.object({
	alias: z.string(),
	from: z.number().int().nullable(),
	to: z.number().int().nullable(),
	at: z.string(),
	actor: z.string(),
	reason: z.string().optional(),
	kind: z.string().optional(),
});

export const aliasMoves = consoleRoute({
	method: 'GET',
	path: '/models/:model/aliases',
	role: 'viewer',
	summary: 'Where the aliases of a model pointed, move by move, the latest first.',
	params: z.object({ model: name }),
	query: pageQuery.extend({ alias: name.optional() }),
	answer: pageOf(move),
	async does({ store }, { params, query, who }) {
		refuseOthers(who, params.model);
		return await storedPage(
			'aliases',
			{ ...query, model: params.model },
			async (before, limit) => await store.aliasHistory(params.model, query.alias, { before, limit }),
			(found) => found,
		);
	},
});

export const answeredAt = consoleRoute({
	method: 'GET',
	path: '/models/:model/answered',
	role: 'viewer',
	summary: 'Which version answered by an alias at a moment, since when, by whose move, and which rollouts divided its callers then.',
	params: z.object({ model: name }),
	query: z.object({ at: moment, alias: name.default(CHAMPION) }),
	answer: z.object({
		alias: z.string(),
		at: z.string(),
		/** Null where the alias pointed to nothing then. */
		version: z.number().int().nullable(),
		/** The move that made it so. */
		move: move.optional(),
		/** The next move after it. */
		until: z.string().optional(),
		rollouts: z.array(rolloutRef),
	}),
	async does(state, { params, query, who }) {
		refuseOthers(who, params.model);
		const { at, alias } = query;
		const [made] = await state.store.aliasHistory(params.model, alias, { until: at, limit: 1 });
		const [next] = await state.store.aliasHistory(params.model, alias, { after: made?.seq ?? 0, limit: 1, oldest: true });
		const then = (await rolloutsOf(state, params.model)).filter(
			(r) => r.alias === alias && r.startedAt <= at && (r.endedAt === undefined || r.endedAt > at),
		);
		return {
			alias,
			at,
			version: made?.to ?? null,
			...(made ? { move: made } : {}),
			...(next ? { until: next.at } : {}),
			rollouts: then,
		};
	},
});
