import { APPROVALS, INCIDENTS, LOOKED } from './seedWatched.mts';

/** What was found once the server ran. */
export interface Found {
	/** Where the second page of a list begins. */
	next: Record<'models' | 'runs', string>;
	runs: string[];
	approvals: string[];
}

/** What a page asks the server for, when it is opened for the i-th time, each time on something else. */
export type Page = (i: number, found: Found) => string[];

const minute = (): number => Math.ceil(Date.now() / 60_000) * 60_000;
/** What the page Serving asks for: the last so many minutes. */
const serving =
	(minutes: number, step: number): Page =>
	(i) => {
		const [since, until] = [minute() - minutes * 60_000, minute()].map((t) => encodeURIComponent(new Date(t).toISOString()));
		const traffic = `/models/model%20${i % 10}/traffic?since=${since}&until=${until}&step=${step}&by=version`;
		return [traffic, '/rollouts?limit=20', '/models?limit=200'];
	};
const model = (i: number): string => `/models/model%20${i % 200}`;
const monitor = (i: number): string => `/monitors/monitor-${i % LOOKED}`;

export const PAGES: Record<string, Page> = {
	overview: () => ['/overview', '/trainings', '/approvals?which=mine'],
	models: (i) => [`/models?limit=50&sort=${['name', 'newest', 'versions'][i % 3]}&order=${i % 2 ? 'asc' : 'desc'}`],
	'models, the next page': (_, { next }) => [`/models?limit=50&cursor=${next.models}`],
	model: (i) => [model(i), `${model(i)}/versions`, `${model(i)}/versions?limit=50`],
	'model, aliases': (i) => [model(i), `${model(i)}/aliases`, `${model(i)}/answered?at=${encodeURIComponent(new Date().toISOString())}`],
	'model, people': (i) => [model(i), `${model(i)}/people`],
	'model version': (i) => [`${model(i)}/versions/${1 + (i % 10)}`],
	'two versions': (i) => [`${model(i)}/versions/${1 + (i % 10)}/differences/${1 + ((i + 1) % 10)}`],
	lineage: (i) => [`${model(i)}/versions/10/lineage`],
	trainings: () => ['/trainings', '/runs?limit=50', '/runs/facets'],
	'trainings, sorted and filtered': (i) => [
		`/runs?limit=50&sort=metric:${['auc', 'logLoss', 'accuracy'][i % 3]}&order=${i % 2 ? 'asc' : 'desc'}&learner=randomForest` +
			`&metric=auc&min=0.${60 + (i % 30)}`,
	],
	'trainings, searched': (i) => [`/runs?limit=50&text=model%20${i % 200}&sort=seconds&dataset=data%20${i % 500}`],
	'trainings, the next page': (_, { next }) => [`/runs?limit=50&sort=metric:auc&cursor=${next.runs}`],
	training: (i, { runs }) => [`/runs/${runs[i % runs.length]}`],
	'two trainings': (i, { runs }) => [`/runs/${runs[i % runs.length]}/differences/${runs[(i + 7) % runs.length]}`],
	datasets: (i) => [`/datasets?limit=50&sort=${['name', 'newest', 'rows'][i % 3]}`],
	dataset: (i) => [`/datasets/data%20${i % 500}/versions`, `/datasets/data%20${i % 500}/versions/${1 + (i % 4)}`],
	'two versions of a dataset': (i) => [`/datasets/data%20${i % 500}/versions/1/differences/${2 + (i % 3)}`],
	'serving, an hour': serving(60, 1),
	'serving, a day': serving(1_440, 15),
	'serving, a month': serving(43_200, 180),
	rollout: (i) => [`/rollouts/rollout-${i % 300}`],
	'quality and drift': () => ['/monitors'],
	'a monitor, window by window': (i) => [monitor(i), `${monitor(i)}/verdicts?limit=60`, `${monitor(i)}/columns?windows=60`],
	'watch a model': (i) => ['/models?limit=200', `${model(i)}/watches`],
	incidents: (i) => [`/incidents?state=${['active', 'all', 'closed', 'open'][i % 4]}`],
	incident: (i) => [`/incidents/incident-${i % INCIDENTS}`],
	approvals: (i) => [`/approvals?which=${['mine', 'open', 'decided', 'all'][i % 4]}`],
	approval: (i, { approvals }) => [`/approvals/${approvals[i % Math.min(APPROVALS, approvals.length)]}`],
	audit: () => ['/audit?limit=50', '/audit/verification'],
	'audit, filtered': (i) => [`/audit?limit=50&actor=person%20${i % 7}%40example.com&action=alias.`],
	people: () => ['/people'],
	keys: () => ['/keys'],
	"models' people": (i) => ['/models?limit=20', ...Array.from({ length: 20 }, (_, k) => `${model(i + k)}/people`)],
	reports: () => ['/reports?limit=50'],
	search: (i) => [`/search?q=model%20${i % 200}`],
};
