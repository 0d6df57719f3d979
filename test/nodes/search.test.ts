import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const FOLDERS = [
	'Ingest',
	'Clean',
	'FeatureEngineer',
	'Train',
	'Evaluate',
	'Deploy',
	'Predict',
	'Feedback',
	'MonitorDrift',
	'Notify',
	'Server',
];

interface Found {
	item: { name: string };
	score: number;
}

/** n8n's own search, as the editor's list of nodes uses it: by name and alias, letters in order, near ones counting more. */
const fromCore = createRequire(require.resolve('n8n-core'));
const { sublimeSearch } = fromCore('@n8n/utils/search/sublime-search') as { sublimeSearch(words: string, data: object[]): Found[] };

const data = FOLDERS.map((folder) => {
	const [file] = [join(__dirname, '..', '..', 'dist', 'nodes', folder, `Mlops${folder}.node.js`)];
	const [Node] = Object.values(createRequire(__filename)(file) as Record<string, new () => { description: { displayName: string } }>);
	const codex = JSON.parse(readFileSync(file.replace(/\.js$/, '.json'), 'utf8')) as { alias: string[] };
	return { name: folder, alias: codex.alias, properties: { displayName: new Node().description.displayName, codex } };
});
/** Nodes whose name or alias holds the words, not just their letters somewhere. */
const found = (words: string): string[] =>
	sublimeSearch(words, data)
		.filter(({ item }) => {
			const own = data.find((d) => d.name === item.name)!;
			return [own.properties.displayName, ...own.alias].some((text) => text.toLowerCase().includes(words.toLowerCase()));
		})
		.map(({ item }) => item.name)
		.sort();

describe("n8n's search finds a node for what it does", () => {
	it.each<[string, string[]]>([
		['clean data', ['Clean']],
		['outliers', ['Clean']],
		['duplicates', ['Clean']],
		['import file', ['Ingest']],
		['excel', ['Ingest']],
		['segments', ['Evaluate']],
		['compare models', ['Evaluate']],
		['serve model', ['Deploy', 'Predict']],
		['API', ['Predict', 'Server']],
		['roll back', ['Deploy']],
		['rollback', ['Deploy']],
		['registry', ['Deploy']],
		['explain', ['Evaluate', 'Predict']],
		['drift', ['MonitorDrift', 'Notify', 'Server']],
		['A/B test', ['Deploy']],
		['AB test', ['Deploy']],
		['canary', ['Deploy']],
		['dashboard', ['Server']],
		['ground truth', ['Feedback']],
		['approval', ['Notify']],
		['one-hot', ['FeatureEngineer']],
		['anomaly', ['Train']],
		['fraud', ['Train']],
	])('%s', (words, nodes) => {
		expect(found(words)).toEqual(nodes);
		// And the first that it offers is one of them.
		expect(nodes).toContain(sublimeSearch(words, data)[0].item.name);
	});
});

/**
 * What people may look for and the nodes do not do: a name that leads to them would promise it. Take a word out of this list along with the
 * work that makes it true.
 */
it.each([
	['fairness', 'results by group are shown, no measure of fairness is'],
	['sentiment', 'no node judges what a text says'],
])('n8n\'s search does not offer a node for "%s": %s', (words) => {
	expect(sublimeSearch(words, data).map(({ item }) => item.name)).toEqual([]);
});

it('no alias is there twice', () => {
	for (const { name, alias } of data) expect([name, new Set(alias.map((a) => a.toLowerCase())).size]).toEqual([name, alias.length]);
});
