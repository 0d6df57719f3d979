import { z } from 'zod/v4';
import type { Store, StoredRecord } from '../../../store/contract.js';
import { recentTraffic } from '../held/recent.js';
import { consoleRoute } from '../contract.js';
import { name, refuseLimited, refuseOthers, unknown, versionNumber } from './routeParts.js';

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

const graph = z.object({
	nodes: z.array(node),
	edges: z.array(z.object({ from: z.string(), to: z.string() })),
	/** Whether there is more than is drawn. */
	more: z.boolean(),
});

export const lineage = consoleRoute({
	method: 'GET',
	path: '/models/:model/versions/:version/lineage',
	role: 'viewer',
	summary: 'Where a version of a model comes from and what became of it, from source to answers, as nodes and edges.',
	params: z.object({ model: name, version: versionNumber }),
	answer: graph,
	async does(state, { params: { model, version }, who }) {
		refuseOthers(who, model);
		const { store } = state;
		const record = await store.find('modelVersion', model, version);
		if (!record) throw unknown(`Version ${version} of the model "${model}"`);
		const { add, join, drawn } = await around(store, record);
		// The evaluations of what it was made of hang at the run, which most of what was made of it is not about.
		const evaluation = await store.evaluationOf(record.body.digest);
		if (evaluation) {
			add({ ...evaluation, kind: 'evaluation', label: `Evaluation ${evaluation.version}` });
			join(record.id, evaluation.id);
		}
		const aliases = Object.entries(await store.aliases(model)).filter(([, at]) => at === version);
		const answers = (await recentTraffic(state)).get(model)?.answers ?? 0;
		for (const [alias] of aliases) {
			add({ id: `alias ${alias}`, kind: 'alias', label: alias });
			join(record.id, `alias ${alias}`);
			add({ id: 'answers', kind: 'answers', label: `${answers} answers of ${model} in 24 hours` });
			join(`alias ${alias}`, 'answers');
		}
		return drawn();
	},
});

export const datasetLineage = consoleRoute({
	method: 'GET',
	path: '/datasets/:dataset/versions/:version/lineage',
	role: 'viewer',
	summary: 'Where a version of a dataset comes from and what was made of it, as nodes and edges.',
	params: z.object({ dataset: name, version: versionNumber }),
	answer: graph,
	async does({ store }, { params: { dataset, version }, who }) {
		refuseLimited(who);
		const record = await store.find('dataset', dataset, version);
		if (!record) throw unknown(`Version ${version} of the dataset "${dataset}"`);
		return (await around(store, record)).drawn();
	},
});

/** A graph of a record, what it was made of up to the sources, and what was made of it, to which more can be added. */
async function around(store: Store, record: Pick<StoredRecord<'dataset' | 'modelVersion'>, 'id' | 'kind' | 'name' | 'version'>) {
	const [up, down] = [await store.lineage(record.id, 'up', MOST), await store.lineage(record.id, 'down', MOST)];
	const nodes = new Map<string, z.input<typeof node>>();
	const edges = new Map<string, { from: string; to: string }>();
	const add = ({ id, kind, label, name: called, version }: z.input<typeof node>): void =>
		void nodes.set(id, { id, kind, label, name: called, version });
	const join = (from: string, to: string): void => void edges.set(`${from} ${to}`, { from, to });
	const kindOf = (kind: string) => KINDS.find((known) => known === kind) ?? 'other';
	for (const { id, kind, name: called, version } of [record, ...up, ...down])
		add({ id, kind: kindOf(kind), label: `${called} ${version}`, name: called, version });
	for (const { id, links } of up) for (const link of links) join(id, link);
	for (const { id, links } of down) for (const link of links) join(link, id);
	for (const { id } of [record, ...up].filter(({ kind }) => kind === 'dataset')) {
		const { source } = (await store.get('dataset', id)).body;
		add({ id: `source ${id}`, kind: 'source', label: source.description });
		join(`source ${id}`, id);
	}
	const drawn = () => ({ nodes: [...nodes.values()], edges: [...edges.values()], more: up.length >= MOST || down.length >= MOST });
	return { add, join, drawn };
}
