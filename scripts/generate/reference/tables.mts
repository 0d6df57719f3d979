// Parameters as Markdown tables: of an n8n form, and of a zod schema.
import { createRequire } from 'node:module';
import path from 'node:path';
import type { INodeProperties, INodePropertyCollection, INodePropertyOptions } from 'n8n-workflow';
import type { z } from 'zod/v4';
import type { FieldMeta } from '../../../lib/domain/ui.js';
import { root } from '../../build/paths.mts';

const require = createRequire(import.meta.url);
const { toJSONSchema } = require('zod/v4') as typeof import('zod/v4');
const { fieldMeta: metaIn, unwrap } = require(path.join(root, 'dist/lib/domain/ui.js')) as typeof import('../../../lib/domain/ui.js');
const { humanise } = require(path.join(root, 'dist/nodes/shared/form.js')) as typeof import('../../../nodes/shared/form.js');

const escape = (text: unknown) => String(text).replace(/\s+/g, ' ').replace(/\|/g, '\\|').replace(/</g, '&lt;').trim();
const code = (text: unknown) => `\`${String(text).replace(/\s+/g, ' ').replace(/\|/g, '\\|')}\``;

export const table = (head: readonly string[], rows: ReadonlyArray<readonly string[]>): string =>
	[`| ${head.join(' | ')} |`, `|${head.map(() => '---').join('|')}|`, ...rows.map((r) => `| ${r.join(' | ')} |`)].join('\n');

/** What people call a field, by its name. */
type Titles = ReadonlyMap<string, string | undefined>;

const HEAD = ['Field', 'Values', 'Default', 'What it does'];

/** The fields of a node's form; those of a collection follow it. `all` are the fields that conditions may name. */
export function fieldTable(properties: readonly INodeProperties[], all = properties): string {
	const titles = new Map(all.map((p) => [p.name, p.displayName]));
	const rows = properties.flatMap((p) => fieldRows(p, [], titles));
	return rows.length ? table(HEAD, rows) : '';
}

function fieldRows(p: INodeProperties, within: readonly string[], titles: Titles): string[][] {
	const title = [...within, escape(p.displayName)].join(' > ');
	const shown = within.length && p.displayOptions?.show === undefined ? '' : condition(p.displayOptions?.show, titles);
	const groups = (p.options ?? []) as INodePropertyCollection[];
	if (p.type === 'fixedCollection' && groups[0].name === 'pairs') {
		const [key, value] = groups[0].values;
		return [[`**${title}** ${code(p.name)}`, `pairs: ${key.displayName}, ${value.displayName}`, '', describe(p.description, shown)]];
	}
	if (p.type === 'collection' || p.type === 'fixedCollection') {
		const inner = p.type === 'collection' ? ((p.options ?? []) as INodeProperties[]) : groups.flatMap((o) => o.values);
		const own =
			p.type === 'fixedCollection' || p.description
				? [
						[
							`**${title}** ${code(p.name)}`,
							p.type === 'collection' ? 'fields below' : 'list of entries',
							'',
							describe(p.description, shown),
						],
					]
				: [];
		return [...own, ...inner.flatMap((i) => fieldRows(i, [...within, escape(p.displayName)], titles))];
	}
	return [
		[
			`**${title}** ${code(p.name)}`,
			formValues(p),
			p.type === 'resourceMapper' ? '' : defaultOf(p.default),
			describe(p.description, shown),
		],
	];
}

/** Links and the advice on expressions that n8n wants in each list's description say nothing here. */
function describe(description = '', shown = '') {
	const text = description
		.replace(/\s*Choose from the list(?: \(after a run: ⋮, Refresh List\))?, or specify .*$/, '')
		.replace(/<[^>]*>/g, '');
	return escape(`${text}${shown ? ` *${shown}*` : ''}`);
}

/** A condition of n8n's on the version of a node. */
const isAtLeast = (value: unknown): value is { _cnd: { gte: number } } => typeof value === 'object';

/** Nodes of one version only; and what other fields must hold. */
const condition = (all: Record<string, readonly unknown[] | undefined> | undefined, titles: Titles): string => {
	const { '@version': versions, ...show } = all ?? {};
	const of = versions ? `Version ${versions.map((v) => (isAtLeast(v) ? v._cnd.gte : v)).join(' or ')} of the node. ` : '';
	return `${of}${shownWhen(show, titles)}`.trim();
};
const shownWhen = (show: Record<string, readonly unknown[] | undefined>, titles: Titles): string =>
	Object.keys(show).length
		? `Shown when ${Object.entries(show)
				.map(([name, values]) => `${titles.get(name) ?? humanise(name)} is ${(values ?? []).map(code).join(' or ')}`)
				.join(' and ')}.`
		: '';

const TYPES = { boolean: 'on or off', json: 'JSON', dateTime: 'date', string: 'text', resourceMapper: 'one field a column' };

const own = (from: Readonly<Record<string, string>>, key: string | undefined): string | undefined =>
	key !== undefined && Object.hasOwn(from, key) ? from[key] : undefined;

function formValues(p: INodeProperties): string {
	if (p.typeOptions?.loadOptionsMethod)
		return (
			own(
				{ getColumns: p.type === 'multiOptions' ? 'columns' : 'a column', getDatasets: 'a dataset', getModels: 'a model' },
				p.typeOptions.loadOptionsMethod,
			) ?? ''
		);
	if (p.type === 'options' || p.type === 'multiOptions')
		return ((p.options ?? []) as INodePropertyOptions[])
			.map((o) => `${code(o.value === '' ? '""' : o.value)} ${escape(o.name)}`)
			.join(', ');
	if (p.type === 'number') return ['number', range(p.typeOptions?.minValue, p.typeOptions?.maxValue)].filter(Boolean).join(', ');
	return own(TYPES, p.type) ?? p.type;
}

function range(low?: number, high?: number): string {
	const shown = (n: number) => (Math.abs(n) >= 1e6 ? n.toLocaleString('en') : String(n));
	if (low !== undefined && high !== undefined) return `${shown(low)} to ${shown(high)}`;
	if (low !== undefined) return `${shown(low)} or more`;
	return high === undefined ? '' : `${shown(high)} or less`;
}

function defaultOf(value: unknown): string {
	if (value === undefined || value === '' || (typeof value === 'object' && value !== null && Object.keys(value).length === 0)) return '';
	if (typeof value === 'boolean') return value ? 'on' : 'off';
	return Array.isArray(value) ? value.map(code).join(', ') : code(value);
}

/**
 * The parameters of a step, learner, source or channel. Those without a title are filled in by the node. `options`: where the form puts
 * advanced ones.
 */
export function schemaTable(schema: z.ZodType, options = 'Options > '): string {
	const { shape } = unwrap(schema).inner as unknown as { shape: Record<string, z.ZodType> };
	const titles = new Map(Object.entries(shape).map(([name, field]) => [name, metaIn(field).title]));
	const rows = Object.entries(shape).flatMap(([name, field]) => {
		const { inner, fallback } = unwrap(field);
		const meta = metaIn(field);
		if (!meta.title) return [];
		return [
			[
				`**${meta.advanced ? options : ''}${escape(meta.title)}** ${code(name)}`,
				schemaValues(inner, meta),
				fallback === undefined ? 'required' : defaultOf(fallback),
				describe(meta.description, condition(meta.when, titles)),
			],
		];
	});
	return rows.length ? table(HEAD, rows) : 'No parameters.';
}

const SPECIAL = { expression: 'expression', code: 'JavaScript', password: 'secret', date: 'date' };

function schemaValues(inner: z.ZodType, meta: FieldMeta): string {
	const accepted = meta.accepts ? ` (${meta.accepts.join(', ')})` : '';
	if (meta.ui === 'column' && inner.def.type === 'string') return `a column${accepted}`;
	if (meta.ui === 'columns') return `columns${accepted}`;
	switch (inner.def.type) {
		case 'enum':
			return (inner as z.ZodEnum).options
				.map((value) => [code(value), escape(own(meta.labels ?? {}, String(value)) ?? '')].filter(Boolean).join(' '))
				.join(', ');
		case 'boolean':
			return 'on or off';
		case 'number':
			return numberWords(inner);
		case 'array': {
			const element = unwrap((inner as z.ZodArray<z.ZodType>).element).inner;
			if (element.def.type === 'enum') return `any of ${schemaValues(element, meta)}`;
			return `list of ${element.def.type === 'number' ? 'numbers' : 'texts'}`;
		}
		case 'record':
			return 'pairs';
		case 'union':
			return (inner as z.ZodUnion<z.ZodType[]>).options.map((option) => schemaValues(unwrap(option).inner, {})).join(' or ');
		case 'literal':
			return [...(inner as z.ZodLiteral).values].map(code).join(', ');
		default:
			return own(SPECIAL, meta.ui) ?? 'text';
	}
}

function numberWords(inner: z.ZodType): string {
	const { type, minimum, maximum, exclusiveMinimum, exclusiveMaximum } = toJSONSchema(inner);
	const safe = (n: number | undefined) => (n === undefined || Math.abs(n) >= Number.MAX_SAFE_INTEGER ? undefined : n);
	const limits = [
		exclusiveMinimum === undefined ? '' : `above ${exclusiveMinimum}`,
		range(safe(minimum), safe(maximum)),
		exclusiveMaximum === undefined ? '' : `below ${exclusiveMaximum}`,
	];
	return [type === 'integer' ? 'whole number' : 'number', ...limits].filter(Boolean).join(', ');
}
