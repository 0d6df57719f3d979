// The node reference, nodes/README.md, made from the built nodes and schemas. It is checked in, so that it can be read without a build.
// `--write` writes it, `--check` fails where it is out of date, and a build (no argument) only says so.
import fs from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import process from 'node:process';
import type { INodeCredentialDescription, INodeProperties, INodeTypeDescription } from 'n8n-workflow';
import type { Learner } from '../../lib/learn/contract.js';
import type { DriftTest } from '../../lib/monitor/defineDriftTest.js';
import type { Step } from '../../lib/recipe/contract.js';
import type { Output } from '../../lib/task/contract.js';
import { root } from '../build/paths.mts';
import { fieldTable, schemaTable, table } from './reference/tables.mts';

const require = createRequire(import.meta.url);
const built = <T,>(file: string): T => require(path.join(root, 'dist', file)) as T;
const file = path.join(root, 'nodes/README.md');
const command = 'node scripts/generate/reference.mts --write';

const { STEPS } = built<typeof import('../../lib/recipe/steps/index.js')>('lib/recipe/steps/index.js');
const { LEARNERS } = built<typeof import('../../lib/learn/learners/index.js')>('lib/learn/learners/index.js');
const { TASKS } = built<typeof import('../../lib/task/index.js')>('lib/task/index.js');
const { METRICS } = built<typeof import('../../lib/task/metrics/index.js')>('lib/task/metrics/index.js');
const { SOURCES } = built<typeof import('../../lib/data/sources/index.js')>('lib/data/sources/index.js');
const { channels } = built<typeof import('../../lib/notify/channels/index.js')>('lib/notify/channels/index.js');
const { DRIFT_TESTS } = built<typeof import('../../lib/monitor/tests/index.js')>('lib/monitor/tests/index.js');
const { EXPORTS } = built<typeof import('../../lib/export/index.js')>('lib/export/index.js');
const { OUTPUTS } = built<typeof import('../../nodes/shared/outputs.js')>('nodes/shared/outputs.js');
const { commands } = built<typeof import('../../lib/cli/commands/index.js')>('lib/cli/commands/index.js');
const { commonOptions, optionsOf } = built<typeof import('../../lib/cli/options.js')>('lib/cli/options.js');
const { remarks, usage } = built<typeof import('../../lib/cli/help.js')>('lib/cli/help.js');

/** Fields of a form that stand in a section of their own: the parameters of sources, steps, learners and channels. */
const elsewhere = ({ name, displayOptions }: INodeProperties) =>
	name === 'steps' ||
	name.startsWith('params_') ||
	(name !== 'binaryProperty' && (displayOptions?.show?.source || displayOptions?.show?.channel));

const FURTHER: Record<string, string> = {
	mlopsIngest: 'The fields of each source: [Sources](#sources). *File From the Previous Node* has the options of *File*.',
	mlopsClean: 'The steps to choose from: [Steps](#steps), group *clean*.',
	mlopsFeatureEngineer: 'The steps to choose from: [Steps](#steps), group *feature*.',
	mlopsTrain: 'The parameters of each learner: [Learners](#learners). What can be ranked by: [Metrics](#metrics).',
	mlopsEvaluate: 'What a rule can name: [Metrics](#metrics).',
	mlopsMonitorDrift: 'The tests that can be named for single columns: [Drift tests](#drift-tests).',
	mlopsNotify: 'The fields of each channel: [Channels](#channels).',
};

/** The tasks that a learner or a metric is for, by their kind of output. */
const tasksOf = ({ outputs }: { outputs: readonly Output[] }) =>
	TASKS.filter((t) => outputs.includes(t.output))
		.map((t) => t.short)
		.join(', ');

/** @param nodes titles of the nodes */
const contents = (nodes: string[]) =>
	['Nodes', 'Sources', 'Steps', 'Tasks', 'Learners', 'Metrics', 'Drift tests', 'Channels', 'Exports', 'Commands']
		.map((title) => ({ title, parts: title === 'Nodes' ? nodes : undefined }))
		.map(({ title, parts }) => {
			const links = parts?.map((p) => `[${p.replace('MLOps ', '')}](#${anchor(p)})`);
			return `- [${title}](#${anchor(title)})${links ? `: ${links.join(', ')}` : ''}`;
		})
		.join('\n');

async function reference() {
	const { n8n } = JSON.parse(await fs.readFile(path.join(root, 'package.json'), 'utf8')) as { n8n: { nodes: string[] } };
	const nodes = await Promise.all(n8n.nodes.map(describeNode));
	return `${[
		'# Node reference',
		`<!-- Made by \`${command}\` from the nodes and their schemas: edit those, not this file. -->`,
		'Every node, source, step, learner, metric, drift test and channel with its parameters. In each table the name in `code` is the one ' +
			'that is saved in a workflow; fields under *Options* are those that most people leave alone.',
		contents(nodes.map((node) => node.title)),
		'## Nodes',
		...nodes.map(({ text }) => text),
		'## Sources',
		'Where MLOps Ingest reads. All sources give the same: a typed dataset version with a profile.',
		...SOURCES.map((s) => section(s, [], schemaTable(s.params))),
		'## Steps',
		'What MLOps Clean and MLOps Feature Engineer append to the recipe. *Before the split* means that a step needs nothing learned; ' +
			'*learned from training rows* means that it is fitted anew in every training, on training rows alone, and used unchanged on ' +
			'all others.',
		...STEPS.map((s) => section(s, stepFacts(s), schemaTable(s.params))),
		'## Tasks',
		'The kinds of questions that MLOps Train can ask. Unless one is chosen it follows from the values of the target.',
		table(
			['Task', 'Id', 'Main metric', 'What it answers'],
			TASKS.map((t) => [t.label, `\`${t.id}\``, `\`${t.primary}\``, sentence(t.description)]),
		),
		'## Learners',
		'What MLOps Train can train. *Automatic* tries those that fit the task within a time budget and shows them in a leaderboard. The ' +
			'parameters are added under *Add parameter*; those left out have their defaults.',
		...LEARNERS.map((l) => section(l, learnerFacts(l), schemaTable(l.params, ''))),
		'## Metrics',
		'What MLOps Train ranks by and what the rules of MLOps Evaluate name. Unless one is named: ' +
			`${TASKS.map(({ primary, short }) => `\`${primary}\` for ${short}`).join(', ')}.`,
		table(
			['Metric', 'Id', 'For', 'Better is', 'What it says'],
			METRICS.map((m) => [m.label, `\`${m.id}\``, tasksOf(m), m.better, m.description]),
		),
		'## Drift tests',
		'MLOps Monitor Drift chooses a test for each column by itself. Under *Options > Test of a Column* another one can be named by its ' +
			'id, and under *Limit of a Column* another limit.',
		table(
			['Test', 'Id', 'For', 'Drifted when the score is', 'What it says'],
			DRIFT_TESTS.map((t) => [
				t.label,
				`\`${t.id}\``,
				{ numeric: 'numbers', categorical: 'categories', both: 'both' }[t.kind],
				limitOf(t),
				t.description,
			]),
		),
		'## Channels',
		'How MLOps Notify reaches people.',
		...channels.map((c) =>
			section(
				c,
				c.credential ? [`Credential: ${c.credential.label}${c.credential.required ? '' : ' (optional)'}`] : [],
				schemaTable(c.params),
			),
		),
		'## Exports',
		'How *Export a Model* of MLOps Deploy writes a model for other programs. Which learners go out as ONNX: [Learners](#learners); an ' +
			'ensemble of Automatic does where all its members do.',
		table(
			['Export', 'Id', 'What it is'],
			EXPORTS.map((e) => [e.label, `\`${e.id}\``, sentence(e.description)]),
		),
		'## Commands',
		'What `mlops` does on the command line; how to call it: [From the command line](../README.md#from-the-command-line). Options of all ' +
			'commands:',
		optionTable(optionsOf(commonOptions)),
		...commands.map((command) =>
			[`### mlops ${command.name}`, command.does, `\`\`\`text\n${usage(command)}\n\`\`\``, optionTable(optionsOf(command.options))]
				.filter(Boolean)
				.join('\n\n'),
		),
	].join('\n\n')}\n`;
}

const quoted = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(', ');

/** Those that belong to a source or a channel, and the one that every node may have. */
const PURPOSES: Record<string, string> = {
	mlopsStoreApi: 'for a store of its own (optional)',
	mlopsServerApi: 'of a model server (only where one is asked)',
};

function credentialLines(credentials: readonly INodeCredentialDescription[]): string[] {
	const names = [...new Set(credentials.filter((c) => !c.testedBy).map((c) => `\`${c.name}\``))];
	return [
		...(names.length ? [`- Credentials: ${names.join(', ')}, as the chosen source or channel needs them`] : []),
		...credentials.filter((c) => c.testedBy).map((c) => `- Credential ${PURPOSES[c.name] ?? 'of its own'}: \`${c.name}\``),
	];
}

/** Options of a command: how they are typed, and what they do. */
function optionTable(options: ReturnType<typeof optionsOf>): string {
	if (options.length === 0) return '';
	const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');
	return table(
		['Option', 'What it does'],
		options.map((option) => {
			const said = remarks(option);
			return [
				`\`--${option.flag}${option.value ? ` ${option.value}` : ''}\``,
				cell(`${option.description}${said.length ? ` (${said.join('; ')})` : ''}`),
			];
		}),
	);
}

/** What our nodes say of themselves, beside what n8n's type of it demands. */
type Described = INodeTypeDescription & { icon: { light: string } };

async function describeNode(entry: string): Promise<{ title: string; text: string }> {
	const [[name, Node]] = Object.entries(built<Record<string, new () => { description: Described }>>(path.relative('dist', entry)));
	const { description } = new Node();
	const codex = JSON.parse(await fs.readFile(path.join(root, entry.replace(/^dist\//, '').replace(/\.js$/, '.json')), 'utf8'));
	const title = description.displayName;
	const { keys, second = [] } = OUTPUTS[description.name as keyof typeof OUTPUTS] as {
		keys: readonly string[];
		second?: readonly string[];
	};
	const outputs = outputsOf(description);
	const text = [
		`### ${title}`,
		`<img src="${description.icon.light.replace('file:../', '')}" width="24" alt=""> ${sentence(description.description)}`,
		[
			`- Type in workflows: \`n8n-nodes-mlops.${description.name}\` (class \`${name}\`)`,
			...(Array.isArray(description.version)
				? [
						`- Versions: ${description.version.join(', ')}. New nodes get ${description.defaultVersion}; those in saved workflows ` +
							`stay as they were made.`,
					]
				: []),
			`- Outputs: ${outputs}`,
			`- Keys of the item: ${quoted(keys)}${second.length ? `; since version 2 also ${quoted(second)}` : ''}`,
			`- Can be a tool of an AI agent: ${description.usableAsTool ? 'yes' : 'no'}`,
			...(codex.alias?.length ? [`- Found in n8n's search by: ${codex.alias.join(', ')}`] : []),
			...credentialLines(description.credentials ?? []),
		].join('\n'),
		fieldTable(
			description.properties.filter((p) => p.type !== 'hidden' && p.type !== 'notice' && !elsewhere(p)),
			description.properties,
		),
		FURTHER[description.name] ?? '',
	]
		.filter(Boolean)
		.join('\n\n');
	return { title, text };
}

function outputsOf({ outputs, outputNames }: INodeTypeDescription): string {
	if (outputNames) return `${outputNames.map((n) => `*${n}*`).join(' (first) and ')} (second)`;
	return typeof outputs === 'string' ? 'one; with *Ask for Approval* two: *Not approved* (first) and *Approved* (second)' : 'one';
}

interface Titled {
	id: string;
	label: string;
	description: string;
}

const section = ({ id, label, description }: Titled, facts: readonly string[], parameters: string) =>
	[`### ${label}`, `\`${id}\`: ${sentence(description)}`, facts.map((f) => `- ${f}`).join('\n'), parameters].filter(Boolean).join('\n\n');

const stepFacts = (step: Step): string[] => [
	`Group: ${step.group}. ${step.stage === 'dataset' ? 'Before the split' : 'Learned from training rows'}.`,
	...(step.rows === 'drop' ? ['May leave out rows, but never rows to predict.'] : []),
	...(step.needsTarget ? ['Uses the target while it learns.'] : []),
	...(step.labelledOnly ? ['Works on rows whose answer is known; skipped at prediction.'] : []),
	...(step.noRowForm ? [`Single rows cannot be predicted with it: ${step.noRowForm}`] : []),
];

function learnerFacts(learner: Learner): string[] {
	const needs = learner.needs(learner.params.parse({}));
	const searched = Object.keys(learner.searchSpace);
	return [
		`For: ${tasksOf(learner)}.`,
		`Categories: ` +
			`${{ codes: 'as they are', onehot: 'one-hot encoded by itself', embedding: 'embedded' }[needs.categories]}. Missing ` +
			`values: ${needs.missing === 'native' ? 'as they are' : 'filled by itself'}. Scaling: ` +
			`${needs.scaled ? 'done by itself' : 'not needed'}.`,
		...(searched.length ? [`Automatic varies: ${searched.map((p) => `\`${p}\``).join(', ')}.`] : []),
		`ONNX: ${learner.onnx ? 'yes' : 'no'}.`,
	];
}

const limitOf = ({ decides, threshold, equalDrifts }: DriftTest) =>
	`${decides === 'pValue' ? 'below' : 'above'} ${threshold}${equalDrifts ? ', or equal' : ''} ` +
	`(${decides === 'pValue' ? 'p-value' : 'distance'})`;

const sentence = (text: string) => (/[.!?]$/.test(text) ? text : `${text}.`);

/** The anchor that GitHub gives a heading. */
const anchor = (title: string) =>
	title
		.toLowerCase()
		.replace(/[^\w\- ]/g, '')
		.replace(/ /g, '-');

const text = await reference();
const before = await fs.readFile(file, 'utf8').catch(() => '');
if (text === before) {
	if (process.argv.includes('--write')) console.log('nodes/README.md is up to date.');
} else if (process.argv.includes('--write')) {
	await fs.writeFile(file, text);
	console.log('Wrote nodes/README.md.');
} else {
	console.error(`nodes/README.md no longer says what the nodes are. Write it anew: ${command}`);
	if (process.argv.includes('--check')) process.exitCode = 1;
}
