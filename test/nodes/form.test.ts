import { NodeHelpers, type INodeProperties } from 'n8n-workflow';
import { z } from 'zod/v4';
import { SOURCES } from '../../lib/data/sources/index.js';
import { deployParams } from '../../lib/app/deploy.js';
import { splitParams } from '../../lib/domain/split.js';
import { LEARNERS } from '../../lib/learn/learners/index.js';
import { driftParams } from '../../lib/monitor/driftParams.js';
import { channels } from '../../lib/notify/channels/index.js';
import { STEPS } from '../../lib/recipe/steps/index.js';
import { formFields, readForm } from '../../nodes/shared/form.js';

const FILLED = ['path', 'items', 'connection'];
const schemas: Array<[string, z.ZodType, string[]]> = [
	...STEPS.map((s): [string, z.ZodType, string[]] => [`step ${s.id}`, s.params as z.ZodType, []]),
	...LEARNERS.map((l): [string, z.ZodType, string[]] => [`learner ${l.id}`, l.params as z.ZodType, []]),
	...channels.map((c): [string, z.ZodType, string[]] => [`channel ${c.id}`, c.params as z.ZodType, []]),
	...SOURCES.map((s): [string, z.ZodType, string[]] => [`source ${s.id}`, s.params as z.ZodType, s.id === 'file' ? [] : FILLED]),
	['drift', driftParams, []],
	['deploy', deployParams, []],
	['split', splitParams, []],
];

/** All fields of a form, those of collections too. */
const flat = (fields: INodeProperties[]): INodeProperties[] =>
	fields.flatMap((f) => [f, ...(f.type === 'collection' ? flat(f.options as INodeProperties[]) : [])]);
/** What n8n stores when a person leaves every field as it is. */
const untouched = (fields: INodeProperties[]): Record<string, unknown> => Object.fromEntries(fields.map((f) => [f.name, f.default]));
/** What n8n stores when a person opens every option and changes none. */
const opened = (fields: INodeProperties[]): Record<string, unknown> =>
	Object.fromEntries(
		fields.map((f) => [f.name, f.name === 'options' && f.type === 'collection' ? untouched(f.options as INodeProperties[]) : f.default]),
	);

describe.each(schemas)('%s', (_name, schema, omit) => {
	const fields = formFields(schema, undefined, omit);
	// A field that a person must fill stands for itself.
	const required = Object.fromEntries(
		fields.filter((f) => f.required && f.default === '').map((f) => [f.name, f.type === 'number' ? 1 : 'x']),
	);

	it('every field has a title and says what it is for', () => {
		for (const field of flat(fields)) {
			if (field.name === 'options' && field.type === 'collection') continue;
			expect([field.name, field.displayName.length > 0, (field.description ?? '').length > 8]).toEqual([field.name, true, true]);
			expect([field.name, field.displayName]).toEqual([field.name, field.displayName.trim()]);
			expect(field.default).toBeDefined();
		}
	});

	it("left alone, the form gives the schema's own defaults", () => {
		const want = schema.safeParse(required);
		for (const values of [untouched(fields), opened(fields)]) {
			const read = readForm(schema, { ...values, ...required });
			const got = schema.safeParse(read);
			expect(got.error?.issues).toEqual(want.error?.issues);
			if (want.success) expect(got.data).toEqual(want.data);
		}
	});

	it('each choice of a list is a value of the schema', () => {
		for (const field of flat(fields)) {
			if (field.type !== 'options' || !field.options) continue;
			for (const option of field.options as Array<{ name: string; value: string }>) {
				expect(option.name.length).toBeGreaterThan(0);
				const issues = schema.safeParse({ ...required, [field.name]: option.value }).error?.issues ?? [];
				expect(issues.filter((i) => i.path[0] === field.name)).toEqual([]);
			}
		}
	});

	it('fields that depend on another name one that exists, and one of its values', () => {
		const all = flat(fields);
		for (const field of all) {
			for (const [name, values] of Object.entries(field.displayOptions?.show ?? {})) {
				const other = all.find((f) => f.name === name.replace(/^\//, ''));
				expect([field.name, name, other !== undefined]).toEqual([field.name, name, true]);
				if (other?.type === 'options')
					expect((other.options as Array<{ value: unknown }>).map((o) => o.value)).toEqual(expect.arrayContaining(values as unknown[]));
			}
		}
	});
});

describe('form fields', () => {
	const schema = z.object({
		kind: z
			.enum(['a', 'b_c'])
			.default('a')
			.meta({ title: 'Kind', description: 'Which kind', labels: { a: 'The First' } }),
		depth: z
			.number()
			.int()
			.min(1)
			.max(9)
			.optional()
			.meta({ title: 'Depth', description: 'How deep', when: { kind: ['a'] } }),
		share: z.number().min(0).max(1).default(0.5).meta({ title: 'Share', description: 'Which share', advanced: true }),
		words: z.array(z.string()).default([]).meta({ title: 'Words', description: 'Which words' }),
		map: z.record(z.string(), z.string()).default({}).meta({ title: 'Map', description: 'From and to' }),
		on: z.boolean().default(true).meta({ title: 'On', description: 'Use it' }),
		alpha: z
			.number()
			.default(1)
			.meta({ title: 'Alpha', description: 'Of kind a', advanced: true, when: { kind: ['a'] } }),
		column: z.string().min(1).meta({ ui: 'column', title: 'Column', description: 'Which column.' }),
	});
	const byName = Object.fromEntries(formFields(schema, { mode: ['x'] }).map((f) => [f.name, f]));

	it('say what n8n needs to know', () => {
		expect(byName.kind).toMatchObject({
			type: 'options',
			default: 'a',
			options: [
				{ name: 'The First', value: 'a' },
				{ name: 'B C', value: 'b_c' },
			],
			displayOptions: { show: { mode: ['x'] } },
		});
		expect(byName.depth).toMatchObject({
			type: 'number',
			default: '',
			typeOptions: { minValue: 1, maxValue: 9, numberPrecision: 0 },
			displayOptions: { show: { mode: ['x'], kind: ['a'] } },
		});
		expect(byName.column).toMatchObject({
			required: true,
			typeOptions: { loadOptionsMethod: 'getColumns', loadOptionsDependsOn: ['datasetKey', 'datasetSource', 'datasetName'] },
			allowArbitraryValues: true,
		});
		expect(byName.on.description).toBe('Whether to use it');
		expect((byName.options.options as INodeProperties[]).map((o) => o.name)).toEqual(['alpha', 'share']);
	});

	it('under "Options" are offered where they do something', () => {
		const inside = (place: 'node' | 'collection' | 'list') =>
			(formFields(schema, { mode: ['x'] }, [], place).find((f) => f.name === 'options')!.options as INodeProperties[]).map((o) => [
				o.name,
				o.displayOptions,
			]);
		expect(inside('node')).toEqual([
			['alpha', { show: { '/kind': ['a'] } }],
			['share', undefined],
		]);
		expect(inside('collection')).toEqual([
			['alpha', { show: { kind: ['a'] } }],
			['share', undefined],
		]);
		expect(inside('list')).toEqual([
			['alpha', undefined],
			['share', undefined],
		]);
	});

	it('under "Options" reach the node by n8n\'s own rules only where they are offered', () => {
		const fields = formFields(schema);
		const kept = (kind: string) =>
			NodeHelpers.getNodeParameters(fields, { kind, column: 'c', options: { alpha: 3, share: 0.25 } }, false, false, null, null)!.options;
		expect(kept('a')).toEqual({ alpha: 3, share: 0.25 });
		expect(kept('b_c')).toEqual({ share: 0.25 });
	});

	it('are read back: options, lists with commas, pairs, emptied fields, numbers as text from expressions', () => {
		const read = (values: Record<string, unknown>) => schema.parse(readForm(schema, { column: 'c', ...values }));
		expect(read({ options: { share: 0.25 } })).toMatchObject({ share: 0.25, kind: 'a', on: true });
		expect(read({ words: ' a, b ,,c ' }).words).toEqual(['a', 'b', 'c']);
		expect(read({ words: ['a', 'b'] }).words).toEqual(['a', 'b']);
		expect(
			read({
				map: {
					pairs: [
						{ key: 'x', value: 'y' },
						{ key: 'z', value: '' },
					],
				},
			}).map,
		).toEqual({ x: 'y', z: '' });
		expect(read({ depth: '' }).depth).toBeUndefined();
		expect(read({ depth: '3' }).depth).toBe(3);
		expect(read({ unknown: 1 })).not.toHaveProperty('unknown');
		expect(schema.safeParse(readForm(schema, { column: '' })).error!.issues[0].path).toEqual(['column']);
		expect(schema.safeParse(readForm(schema, { column: 'c', depth: 'deep' })).error!.issues[0].path).toEqual(['depth']);
	});
});
