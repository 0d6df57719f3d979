import { z } from 'zod/v4';
import { consoleRoute } from '../contract.js';
import { heldOf, newestOf } from '../held/held.js';
import { holding, maySee } from './routeParts.js';

/** Of each kind. */
const MOST = 8;
/** Hits in the middle of a name that are kept while better ones are looked for. */
const MOST_HELD = 1_000;

const hit = z.object({
	kind: z.enum(['model', 'dataset', 'run', 'rollout']),
	/** What its page is called by. */
	id: z.string(),
	label: z.string(),
	/** What else tells it from others. */
	detail: z.string(),
});

export const search = consoleRoute({
	method: 'GET',
	path: '/search',
	role: 'viewer',
	summary: 'Models, datasets, trainings and rollouts whose name or id holds a text, those that begin with it first.',
	query: z.object({ q: z.string().trim().min(1).max(200) }),
	answer: z.object({ hits: z.array(hit) }),
	async does(state, { query: { q }, who }) {
		const held = heldOf(state);
		const found = holding(q);
		const best = <T>(all: Iterable<T>, nameOf: (one: T) => string, idOf: (one: T) => string = nameOf): T[] => {
			const [begin, hold]: [T[], T[]] = [[], []];
			for (const one of all) {
				if (idOf(one) === q) begin.push(one);
				else if (found(nameOf(one))) (nameOf(one).toLowerCase().startsWith(q.toLowerCase()) ? begin : hold).push(one);
				if (begin.length >= MOST || hold.length >= MOST_HELD) break;
			}
			return [...begin, ...hold].slice(0, MOST);
		};
		const versions = newestOf((await held.versions.read()).filter((v) => maySee(who, v.name)));
		const datasets = who.models ? new Map<string, never>() : newestOf(await held.datasets.read());
		const runs = await held.runs.read();
		const rollouts = newestOf(await held.rollouts.read());
		const newestRuns = function* () {
			for (let i = runs.length - 1; i >= 0; i--) if (maySee(who, runs[i].name)) yield runs[i];
		};
		return {
			hits: [
				...best(versions.values(), (v) => v.name).map(({ name, version }) => ({
					kind: 'model' as const,
					id: name,
					label: name,
					detail: `version ${version}`,
				})),
				...best(datasets.values(), (d) => d.name).map(({ name, version, rows }) => ({
					...{ kind: 'dataset' as const, id: name, label: name },
					detail: `version ${version}, ${rows} rows`,
				})),
				...best(
					newestRuns(),
					(r) => r.name,
					(r) => r.id,
				).map(({ id, name, learner, createdAt }) => ({
					...{ kind: 'run' as const, id, label: name },
					detail: `${learner}, ${createdAt}`,
				})),
				...best(
					[...rollouts.values()].filter(({ body }) => maySee(who, body.model)),
					(r) => r.name,
				).map(({ name, body }) => ({
					...{ kind: 'rollout' as const, id: name, label: name },
					detail: `${body.kind}, ${body.state}`,
				})),
			],
		};
	},
});
