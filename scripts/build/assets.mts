import fs from 'node:fs/promises';
import path from 'node:path';
import type { Outputs } from './outputs.mts';
import { root } from './paths.mts';

/** What `vega-datasets` says of a file. */
interface Resource {
	path: string;
	description?: string;
	sources?: unknown;
	licenses?: unknown;
}

/** Files that go to `dist` as they are: icons, codex files, WebAssembly, and JSON that code or tests import. */
const patterns = [
	'nodes/**/*.{svg,png,json,html}',
	'credentials/**/*.{svg,png,json}',
	'lib/**/*.{wasm,json,html,css,svg,sql,ttf,py}',
	'lib/server/container/*',
	'lib/server/api/page/*.js',
];

/** The example data of `vega-datasets` that Ingest offers. */
const exampleData = ['flights-3m.parquet', 'penguins.json', 'seattle-weather.csv', 'cars.json', 'movies.json'];

export async function copyAssets(outputs: Outputs): Promise<void> {
	for (const pattern of patterns) {
		for await (const file of fs.glob(pattern, { cwd: root })) {
			if (!/^lib\/console\/|\/kernel\/assembly\/|(^|\/)(tsconfig|asconfig)[^/]*\.json$/.test(file))
				await outputs.copy(path.join(root, file), file);
		}
	}
	const data = path.join(root, 'node_modules/vega-datasets');
	for (const file of exampleData) await outputs.copy(path.join(data, 'data', file), path.join('data', file));
	await outputs.write('data/SOURCES.json', JSON.stringify(await describeSources(data), null, '\t'));
}

/** What `vega-datasets` says about the origin and licence of the files that we publish. */
async function describeSources(folder: string) {
	const { version, resources } = JSON.parse(await fs.readFile(path.join(folder, 'datapackage.json'), 'utf8')) as {
		version: string;
		resources: Resource[];
	};
	const files = resources
		.filter((resource) => exampleData.includes(resource.path))
		.map((resource) => ({
			file: resource.path,
			description: resource.description,
			sources: resource.sources,
			licenses: resource.licenses,
		}));
	return { package: 'vega-datasets', version, files };
}
