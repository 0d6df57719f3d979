import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineRun } from '../engine/engine.js';
import { chain, createEngine, disposeEngine, template, type Engine } from '../engine/engine.js';
import { OUTPUTS } from '../../nodes/shared/outputs.js';

const NODES = join(__dirname, '..', '..', 'dist', 'nodes');
const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as JsonSchema;

interface JsonSchema {
	type?: string;
	const?: unknown;
	enum?: unknown[];
	required?: string[];
	items?: JsonSchema;
	properties?: Record<string, JsonSchema>;
	additionalProperties?: boolean | JsonSchema;
	anyOf?: JsonSchema[];
}

const typeOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);

/** Places where a value does not fit, for the part of JSON Schema that the output schemas use. */
function misfits(schema: JsonSchema, value: unknown, at: string): string[] {
	if (schema.anyOf) return schema.anyOf.some((s) => misfits(s, value, at).length === 0) ? [] : [`${at}: none of the choices`];
	const wanted = schema.type === 'integer' ? 'number' : schema.type;
	if (wanted && typeOf(value) !== wanted) return [`${at}: ${typeOf(value)} instead of ${wanted}`];
	if ('const' in schema && value !== schema.const) return [`${at}: ${String(value)} instead of ${String(schema.const)}`];
	if (schema.enum && !schema.enum.includes(value)) return [`${at}: ${String(value)} is no choice`];
	if (Array.isArray(value)) return value.flatMap((v, i) => misfits(schema.items ?? {}, v, `${at}[${i}]`));
	if (typeOf(value) !== 'object') return [];
	const entries = Object.entries(value as object);
	const rest = typeof schema.additionalProperties === 'object' ? schema.additionalProperties : {};
	return [
		...(schema.required ?? []).filter((key) => !entries.some(([k]) => k === key)).map((key) => `${at}.${key} is missing`),
		...entries.flatMap(([key, v]) =>
			schema.properties?.[key] || schema.additionalProperties !== false
				? misfits(schema.properties?.[key] ?? rest, v, `${at}.${key}`)
				: [`${at}.${key} is not described`],
		),
	];
}

/** Where the editor looks: by version, and by operation where a node has several. */
function schemaFile(name: string, operation?: string): string {
	const { folder, operations } = OUTPUTS[name];
	const base = join(NODES, folder, '__schema__');
	return operations ? join(base, 'v1.0.0', `${operation}.json`) : join(base, 'v1.0.0.json');
}

describe('every node tells the editor what it gives', () => {
	for (const [name, { operations, keys }] of Object.entries(OUTPUTS)) {
		for (const operation of operations ?? [undefined]) {
			it(`${name} ${operation ?? ''}`, () => {
				const file = schemaFile(name, operation);
				expect(existsSync(file)).toBe(true);
				const schema = read(file);
				expect(schema.type).toBe('object');
				expect(Object.keys(schema.properties!)).toEqual(expect.arrayContaining(keys.filter((k) => k !== ('report' as string))));
			});
		}
	}
});

describe('and what the engine really gives fits', () => {
	let engine: Engine;
	let run: EngineRun;
	const flow = template('first-model.json');
	beforeAll(async () => {
		engine = await createEngine();
		run = await engine.execute(flow);
	}, 120_000);
	afterAll(disposeEngine);

	const fits = (type: string, operation: string | undefined, json: unknown): void => {
		expect(misfits(read(schemaFile(type, operation)), json, type)).toEqual([]);
	};

	it('along the first-model template', () => {
		const seen = new Set<string>();
		for (const node of flow.nodes.filter((n) => n.type.startsWith('n8n-nodes-mlops.'))) {
			const task = run.run.data.resultData.runData[node.name]?.[0];
			if (!task?.data) continue;
			const type = node.type.split('.')[1];
			for (const item of task.data.main.flatMap((items) => items ?? []))
				fits(type, OUTPUTS[type].operations ? String(node.parameters.operation ?? OUTPUTS[type].operations[0]) : undefined, item.json);
			seen.add(type);
		}
		expect([...seen]).toEqual(
			expect.arrayContaining(['mlopsIngest', 'mlopsClean', 'mlopsTrain', 'mlopsEvaluate', 'mlopsDeploy', 'mlopsPredict']),
		);
	});

	it('of the other nodes and ways', async () => {
		const dataset = { datasetSource: 'name', datasetName: 'penguins' };
		const more = await engine.execute(
			chain(
				{
					name: 'Features',
					type: 'mlopsFeatureEngineer',
					parameters: { ...dataset, steps: { step: [{ step: 'scale', columns: ['Body Mass (g)'] }] } },
				},
				{ name: 'Predict', type: 'mlopsPredict', parameters: { ...dataset, model: 'penguins', input: 'dataset' } },
				{ name: 'Watch', type: 'mlopsMonitorDrift', parameters: { ...dataset, referenceModel: 'penguins' }, from: 1 },
				{ name: 'Tell', type: 'mlopsNotify', parameters: { channel: 'log' } },
			),
		);
		fits('mlopsFeatureEngineer', undefined, more.output('Features')[0].json);
		fits('mlopsPredict', undefined, more.output('Predict')[0].json);
		fits('mlopsMonitorDrift', undefined, more.output('Watch', 1)[0].json);
		fits('mlopsNotify', 'send', more.output('Tell')[0].json);
	});
});
