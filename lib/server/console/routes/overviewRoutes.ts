import process from 'node:process';
import { z } from 'zod/v4';
import { packageVersion } from '../../../app/codeVersion.js';
import { SEVERITIES, INCIDENT_STATES } from '../../../domain/incident.js';
import { consoleRoute, type Who } from '../contract.js';
import type { MainState } from '../../start.js';
import { heldOf, newestOf, type Held, type RunRow } from '../held/held.js';
import { recentTraffic } from '../held/recent.js';
import { maySee, quality } from './routeParts.js';

/** Of each kind of thing that somebody may have to look at; their own pages have all. */
const MOST = 20;

const incident = z.object({
	id: z.string(),
	model: z.string(),
	title: z.string(),
	severity: z.enum(SEVERITIES),
	state: z.enum(INCIDENT_STATES),
	openedAt: z.string(),
	owner: z.string().optional(),
});

const champion = z.object({
	model: z.string(),
	version: z.number().int(),
	since: z.string().optional(),
	/** The newest registered version, where that is another one. */
	newest: z.number().int().optional(),
	quality: quality.optional(),
	traffic: z.object({ answers: z.number(), errors: z.number(), last: z.string().optional() }),
	incidents: z.number().int(),
	/** Why this version cannot be loaded. */
	failed: z.string().optional(),
});

const rollout = z.object({
	id: z.string(),
	model: z.string(),
	alias: z.string(),
	kind: z.string(),
	candidates: z.array(z.object({ version: z.number().int(), share: z.number() })),
	stable: z.number().int(),
	startedAt: z.string(),
	step: z.number().int(),
	steps: z.number().int(),
	/** Somebody is asked to decide. */
	ready: z.object({ at: z.string(), version: z.number().int(), reason: z.string() }).optional(),
});

export const overview = consoleRoute({
	method: 'GET',
	path: '/overview',
	role: 'viewer',
	summary: 'What needs somebody now, how the champions do, and whether the server is well.',
	answer: z.object({
		incidents: z.array(incident),
		rollouts: z.array(rollout),
		champions: z.array(champion),
		/** How much there is of each; of incidents those that are not closed, of rollouts those that run. */
		counts: z.object({
			datasets: z.number().int(),
			runs: z.number().int(),
			models: z.number().int(),
			champions: z.number().int(),
			incidents: z.number().int(),
			rollouts: z.number().int(),
		}),
		/** The newest of each, for whoever goes on from there. */
		newest: z.object({
			dataset: z.object({ name: z.string(), version: z.number().int(), at: z.string() }).optional(),
			run: z.object({ id: z.string(), name: z.string(), at: z.string() }).optional(),
			model: z.object({ name: z.string(), version: z.number().int(), at: z.string() }).optional(),
		}),
		server: z.object({
			version: z.string(),
			startedAt: z.string(),
			storeAway: z.boolean(),
			listeners: z.number().int(),
			restarts: z.number().int(),
			memory: z.number(),
			/** Lines of the log of answers that were lost since the start; absent where nothing is logged. */
			logLost: z.number().optional(),
		}),
	}),
	async does(state, { who }) {
		const held = heldOf(state);
		// Counted in another thread meanwhile.
		const traffic = recentTraffic(state);
		traffic.catch(() => {});
		const [datasets, versions] = [await held.datasets.read(), await held.versions.read()];
		const seen = versions.filter(({ name }) => maySee(who, name));
		const [dataset, run, model] = [datasets.at(-1), await newestRun(held, who), seen.at(-1)];
		const open = await openIncidents(state, who);
		const champions = await championsOf(state, who, open.counts, await traffic);
		const rollouts = await rolloutsOf(state, who);
		return {
			incidents: open.shown,
			rollouts: rollouts.slice(0, MOST),
			champions: await Promise.all(champions.slice(0, MOST).map(async (one) => await withQuality(held, one))),
			counts: {
				datasets: new Set(datasets.map(({ name }) => name)).size,
				runs: await held.runs.count(),
				models: new Set(seen.map(({ name }) => name)).size,
				champions: champions.length,
				incidents: open.total,
				rollouts: rollouts.length,
			},
			newest: {
				...(dataset && who.models === undefined ? { dataset: { ...dataset, at: dataset.createdAt } } : {}),
				...(run ? { run: { ...run, at: run.createdAt } } : {}),
				...(model ? { model: { ...model, at: model.createdAt } } : {}),
			},
			server: serverOf(state),
		};
	},
});

/** The newest training that somebody may see; of a key for some models alone it takes all of them. */
async function newestRun({ runs }: Held, who: Who): Promise<RunRow | undefined> {
	if (who.models === undefined) return (await runs.newest(1))[0];
	return (await runs.read()).findLast(({ name }) => maySee(who, name));
}

/** What must be looked at first stands first: what pages, what nobody has taken yet, the oldest. */
async function openIncidents(state: MainState, who: Who) {
	const rows = [...newestOf(await heldOf(state).incidents.read()).values()].filter((i) => i.state !== 'closed' && maySee(who, i.model));
	const counts = new Map<string, number>();
	for (const { model } of rows) counts.set(model, (counts.get(model) ?? 0) + 1);
	const found: Array<z.input<typeof incident>> = [];
	for (const { id } of rows) {
		const { body } = await state.store.get('incident', id);
		const { model, title, severity, openedAt, owner } = body;
		found.push({ id: body.id, model, title, severity, state: body.state, openedAt, ...(owner === undefined ? {} : { owner }) });
	}
	const order = (i: z.input<typeof incident>): string =>
		`${SEVERITIES.indexOf(i.severity)}${INCIDENT_STATES.indexOf(i.state)}${i.openedAt}`;
	return { counts, total: found.length, shown: found.sort((a, b) => (order(a) < order(b) ? -1 : 1)).slice(0, MOST) };
}

/** Those that wait for somebody stand first. */
async function rolloutsOf(state: MainState, who: Who): Promise<Array<z.input<typeof rollout>>> {
	return [...newestOf(await heldOf(state).rollouts.read()).values()]
		.filter(({ body }) => body.state === 'running')
		.filter(({ body }) => maySee(who, body.model))
		.map(({ body: { id, model, alias, kind, candidates, stable, startedAt, step, steps, ready } }) => ({
			...{ id, model, alias, kind, candidates, stable, startedAt, step, steps: steps.length },
			...(ready ? { ready } : {}),
		}))
		.sort((a, b) => Number(b.ready !== undefined) - Number(a.ready !== undefined));
}

/** What answers by the alias `champion`: what cannot answer first, then the most asked. */
async function championsOf(
	state: MainState,
	who: Who,
	incidents: ReadonlyMap<string, number>,
	traffic: Awaited<ReturnType<typeof recentTraffic>>,
) {
	const held = heldOf(state);
	const newest = newestOf(await held.versions.read());
	const moves = await held.aliases.read();
	const found: Champion[] = [];
	for (const { name, aliases, versions, failed } of state.table.models) {
		const at = new Map(Object.entries(aliases)).get('champion');
		if (at === undefined || !maySee(who, name)) continue;
		const moved = moves.get(name)?.get('champion');
		const last = newest.get(name)?.version;
		const digest = new Map(Object.entries(versions)).get(String(at));
		const why = new Map(Object.entries(failed)).get(String(at));
		found.push({
			model: name,
			version: at,
			since: moved?.since,
			...(last !== undefined && last !== at ? { newest: last } : {}),
			digest,
			traffic: traffic.get(name) ?? { answers: 0, errors: 0 },
			incidents: incidents.get(name) ?? 0,
			...(why === undefined ? {} : { failed: why }),
		});
	}
	const fails = ({ failed }: Champion): number => (failed === undefined ? 0 : 1);
	return found.sort((a, b) => fails(b) - fails(a) || b.traffic.answers - a.traffic.answers || (a.model < b.model ? -1 : 1));
}

type Champion = z.input<typeof champion> & { digest: string | undefined };

async function withQuality({ evaluations }: Held, { digest, ...shown }: Champion): Promise<z.input<typeof champion>> {
	return digest === undefined ? shown : { ...shown, quality: await evaluations.of(digest) };
}

function serverOf({ startedAt, storeAway, listeners, restarts, log }: MainState) {
	const numbers = log();
	return {
		version: packageVersion(),
		startedAt: new Date(startedAt).toISOString(),
		storeAway,
		listeners: listeners.size,
		restarts: restarts(),
		memory: process.memoryUsage.rss(),
		...(numbers ? { logLost: numbers.dropped + numbers.unwritten } : {}),
	};
}
