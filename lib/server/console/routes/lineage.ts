import { z } from 'zod/v4';
import { recentTraffic } from '../held/recent.js';
import { consoleRoute } from '../contract.js';
import { name, refuseOthers, unknown, versionNumber } from './shared.js';

/** Records above and below that are drawn. */
const MOST = 100;

const KINDS = ['source', 'dataset', 'run', 'modelVersion', 'evaluation', 'drift', 'report', 'alias', 'answers', 'other'] as const;
const node = z.object({
	id: z.string(),
	kind: z.enum(KINDS),
	label: z.string(),
	/** Of the record. */
	name: z.string().optional(),
	version: z.number().int().optional(),
});

export const lineage = consoleRoute({
	method: 'GET',
	path: '/models/:model/versions/:version/lineage',
	role: 'viewer',
	summary: 'Where a version of a model comes from and what became of it, from source to answers, as nodes and edges.',
	params: z.object({ model: name, version: versionNumber }),
	answer: z.object({
		nodes: z.array(node),
		edges: z.array(z.object({ from: z.string(), to: z.string() })),
		/** Whether there is more than is drawn. */
		more: z.boolean(),
	}),
	async does(state, { params: { model, version }, who }) {
		refuseOthers(who, model);
		const { store } = state;
		const record = await store.find('modelVersion', model, version);
		if (!record) throw unknown(`Version ${version} of the model "${model}"`);
		const [up, down] = [await store.lineage(record.id, 'up', MOST), await store.lineage(record.id, 'down', MOST)];
		const nodes = new Map<string, z.input<typeof node>>();
		const edges = new Map<string, { from: string; to: string }>();
		const add = (found: z.input<typeof node>): void => void nodes.set(found.id, found);
		const join = (from: string, to: string): void => void edges.set(`${from} ${to}`, { from, to });
		const kindOf = (kind: string) => KINDS.find((known) => known === kind) ?? 'other';
		add({ id: record.id, kind: 'modelVersion', label: `${model} ${version}`, name: model, version });
		for (const { id, kind, name: called, version: n, links } of [...up, ...down]) {
			add({ id, kind: kindOf(kind), label: `${called} ${n}`, name: called, version: n });
			const isAbove = up.some((found) => found.id === id);
			for (const link of links) {
				if (isAbove) join(id, link);
				else join(link, id);
			}
		}
		// The evaluations of what it was made of hang at the run, which most of what was made of it is not about.
		const evaluation = await store.evaluationOf(record.body.digest);
		if (evaluation) {
			add({
				id: evaluation.id,
				kind: 'evaluation',
				label: `Evaluation ${evaluation.version}`,
				name: evaluation.name,
				version: evaluation.version,
			});
			join(record.id, evaluation.id);
		}
		for (const found of up.filter(({ kind }) => kind === 'dataset')) {
			const { source } = (await store.get('dataset', found.id)).body;
			add({ id: `source ${found.id}`, kind: 'source', label: source.description });
			join(`source ${found.id}`, found.id);
		}
		const aliases = Object.entries(await store.aliases(model)).filter(([, at]) => at === version);
		const answers = (await recentTraffic(state)).get(model)?.answers ?? 0;
		for (const [alias] of aliases) {
			add({ id: `alias ${alias}`, kind: 'alias', label: alias });
			join(record.id, `alias ${alias}`);
			add({ id: 'answers', kind: 'answers', label: `${answers} answers of ${model} in 24 hours` });
			join(`alias ${alias}`, 'answers');
		}
		return { nodes: [...nodes.values()], edges: [...edges.values()], more: up.length >= MOST || down.length >= MOST };
	},
});
