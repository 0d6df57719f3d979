import type { IDisplayOptions, INodeProperties, INodePropertyOptions, NodeParameterValue } from 'n8n-workflow';
import { z } from 'zod/v4';
import { dictionary, own } from '../../lib/domain/dictionary.js';
import { fieldMeta, unwrap, type FieldMeta } from '../../lib/domain/ui.js';
import { COLUMNS_DEPEND_ON } from './columnsDependOn.js';

/**
 * Where the fields stand. What a field under "Options" depends on lies at the node's top (n8n writes that as `/name`), or, where the
 * fields are all put into one collection, beside it. From an entry of a list n8n has no way to name it, so there it is always shown.
 */
type Place = 'node' | 'collection' | 'list';

/**
 * Turns a zod object schema into n8n form fields, so that a parameter is described in one place.
 * Fields marked `advanced` gather in one collection named `options`; every other key keeps its own name,
 * and `readForm` puts the two back together.
 */
export function formFields(
	schema: z.ZodType,
	display?: IDisplayOptions['show'],
	omit: readonly string[] = [],
	place: Place = 'node',
): INodeProperties[] {
	const shape = Object.fromEntries(Object.entries(shapeOf(schema)).filter(([name]) => !omit.includes(name)));
	const plain: INodeProperties[] = [];
	const advanced: INodeProperties[] = [];
	for (const [name, field] of Object.entries(shape)) {
		const property = formField(name, field);
		if (!property) continue;
		const meta = fieldMeta(field);
		// Inside a collection a sibling's value decides, at the top the display condition of the whole form joins in.
		const show = meta.advanced ? conditionInside(meta, shape, place) : { ...display, ...(meta.when as IDisplayOptions['show']) };
		if (Object.keys(show).length) property.displayOptions = { show };
		(meta.advanced ? advanced : plain).push(property);
	}
	if (advanced.length) {
		plain.push({
			displayName: 'Options',
			name: 'options',
			type: 'collection',
			placeholder: 'Add option',
			default: {},
			...(display ? { displayOptions: { show: display } } : {}),
			// n8n shows a collection's fields in the order given; the alphabet is its rule for long lists.
			options: advanced.sort((a, b) => a.displayName.localeCompare(b.displayName)),
		});
	}
	return plain;
}

/** When a field under "Options" is offered. */
function conditionInside({ when = {} }: FieldMeta, shape: Record<string, z.ZodType>, place: Place): NonNullable<IDisplayOptions['show']> {
	if (place === 'list') return {};
	const named = (name: string): string => (place === 'collection' || fieldMeta(own(shape, name)!).advanced ? name : `/${name}`);
	return Object.fromEntries(Object.entries(when).map(([name, values]) => [named(name), [...values]]));
}

/** Values of a form as they lie in a node's parameters, back in the shape of the schema; unknown keys fall away. */
export function readForm(schema: z.ZodType, values: Record<string, unknown>): Record<string, unknown> {
	const shape = shapeOf(schema);
	const all: Record<string, unknown> = { ...values, ...((values.options as Record<string, unknown>) ?? {}) };
	const out = dictionary<unknown>();
	for (const [name, field] of Object.entries(shape)) {
		const { inner } = unwrap(field);
		const value = own(all, name);
		if (value === undefined || value === null) continue;
		if (value === '' && inner.def.type !== 'string') continue;
		if (value === '' && isOptional(field)) continue;
		out[name] = fromForm(inner, value);
	}
	return out;
}

const shapeOf = (schema: z.ZodType): Record<string, z.ZodType> => {
	const { inner } = unwrap(schema);
	return inner instanceof z.ZodObject ? (inner.shape as Record<string, z.ZodType>) : {};
};

const isOptional = (schema: z.ZodType): boolean => schema.safeParse(undefined).success;

export const humanise = (name: string): string =>
	name
		.replace(/_/g, ' ')
		.replace(/([a-z])([A-Z])/g, '$1 $2')
		.replace(/\b[a-z]/g, (c) => c.toUpperCase());

/** What all fields have. */
type Base = Pick<INodeProperties, 'name' | 'displayName'> & { description: string } & Partial<INodeProperties>;

function formField(name: string, schema: z.ZodType): INodeProperties | undefined {
	const { inner, fallback } = unwrap(schema);
	const meta = fieldMeta(schema);
	const base: Base = {
		name,
		displayName: meta.title ?? humanise(name),
		description: meta.description ?? '',
		...(meta.placeholder ? { placeholder: meta.placeholder } : {}),
		...(isOptional(schema) ? {} : { required: true }),
	};
	if (inner instanceof z.ZodRecord) return pairsField(base, meta);
	return pickedField(base, meta, fallback) ?? choiceField(base, inner, meta, fallback) ?? valueField(base, inner, meta, fallback);
}

/** A field whose values come from a list that n8n asks for: columns and models. */
function pickedField(base: Base, meta: FieldMeta, fallback: unknown): INodeProperties | undefined {
	const listed = (how: string, what: string): string =>
		`${base.description} Choose from the list${how}, or specify ${what} using an <a ` +
		`href="https://docs.n8n.io/code/expressions/">expression</a>.`;
	const columns = (what: string): Partial<INodeProperties> => ({
		typeOptions: { loadOptionsMethod: 'getColumns', loadOptionsDependsOn: COLUMNS_DEPEND_ON },
		allowArbitraryValues: true,
		description: listed(' (after a run: ⋮, Refresh List)', what).trim(),
	});
	switch (meta.ui) {
		case 'column':
			return { ...base, type: 'options', default: (fallback as string) ?? '', ...columns('a name') };
		case 'columns':
			return { ...base, type: 'multiOptions', default: (fallback as string[]) ?? [], ...columns('names') };
		case 'model':
			return {
				...base,
				displayName: `${base.displayName} Name or ID`,
				type: 'options',
				typeOptions: { loadOptionsMethod: 'getModels' },
				default: (fallback as string) ?? '',
				allowArbitraryValues: true,
				description: listed('', 'an ID').trim(),
			};
		default:
			return undefined;
	}
}

/** A field with a fixed list of values, of which one or several are chosen. */
function choiceField(base: Base, inner: z.ZodType, meta: FieldMeta, fallback: unknown): INodeProperties | undefined {
	if (inner instanceof z.ZodEnum) {
		const values = inner.options as string[];
		return {
			...base,
			type: 'options',
			noDataExpression: false,
			options: enumOptions(values, meta),
			default: (fallback as string) ?? values[0],
		};
	}
	const element = inner instanceof z.ZodArray ? unwrap(inner.element as z.ZodType).inner : undefined;
	if (!(element instanceof z.ZodEnum)) return undefined;
	return {
		...base,
		type: 'multiOptions',
		options: enumOptions(element.options as string[], meta),
		default: (fallback as string[]) ?? [],
	};
}

function valueField(base: Base, inner: z.ZodType, meta: FieldMeta, fallback: unknown): INodeProperties | undefined {
	if (inner instanceof z.ZodBoolean)
		return { ...base, type: 'boolean', default: (fallback as boolean) ?? false, description: whether(base.description, base.displayName) };
	if (inner instanceof z.ZodNumber) {
		const { minValue, maxValue } = inner;
		return {
			...base,
			type: 'number',
			default: (fallback as number) ?? '',
			typeOptions: {
				...(isLimit(minValue) ? { minValue } : {}),
				...(isLimit(maxValue) ? { maxValue } : {}),
				...(isWhole(inner) ? { numberPrecision: 0 } : {}),
			},
		};
	}
	if (inner instanceof z.ZodString) return { ...base, ...textField(meta), default: (fallback as string) ?? '' };
	if (inner instanceof z.ZodArray)
		return {
			...base,
			type: 'string',
			default: Array.isArray(fallback) ? fallback.join(', ') : '',
			description: `${base.description} Separate several with commas.`.trim(),
		};
	if (inner instanceof z.ZodUnion)
		return { ...base, type: 'string', default: (fallback as NodeParameterValue) === undefined ? '' : String(fallback) };
	if (inner instanceof z.ZodObject)
		return { ...base, type: 'collection', placeholder: 'Add field', default: {}, options: formFields(inner) };
	return undefined;
}

/** Whole numbers end where JavaScript's do: that is no limit a person needs to know. */
const isLimit = (value: number | null): value is number => value !== null && Math.abs(value) < Number.MAX_SAFE_INTEGER;

function textField(meta: FieldMeta): Pick<INodeProperties, 'type'> & Partial<INodeProperties> {
	if (meta.ui === 'password') return { type: 'string', typeOptions: { password: true } };
	if (meta.ui === 'code') return { type: 'string', typeOptions: { editor: 'jsEditor', rows: 10 }, noDataExpression: true };
	if (meta.ui === 'text') return { type: 'string', typeOptions: { rows: 4 } };
	if (meta.ui === 'date') return { type: 'dateTime' };
	return { type: 'string' };
}

function pairsField(base: Base, meta: FieldMeta): INodeProperties {
	return {
		...base,
		type: 'fixedCollection',
		default: {},
		placeholder: 'Add',
		typeOptions: { multipleValues: true },
		options: [
			{
				displayName: 'Pair',
				name: 'pairs',
				values: [
					meta.accepts || meta.ui
						? {
								displayName: 'Column',
								name: 'key',
								type: 'options',
								typeOptions: { loadOptionsMethod: 'getColumns', loadOptionsDependsOn: COLUMNS_DEPEND_ON },
								default: '',
								allowArbitraryValues: true,
							}
						: { displayName: 'From', name: 'key', type: 'string', default: '' },
					{ displayName: meta.accepts || meta.ui ? 'Value' : 'To', name: 'value', type: 'string', default: '' },
				],
			},
		],
	};
}

const enumOptions = (values: string[], meta: FieldMeta): INodePropertyOptions[] =>
	values.map((value) => ({ name: own(meta.labels, value) ?? humanise(value), value }));

/** n8n's own style: a switch's description begins with "Whether". */
const whether = (description: string, title: string): string =>
	/^whether/i.test(description)
		? description
		: `Whether to ${description ? description[0].toLowerCase() + description.slice(1) : title.toLowerCase()}`;

const isWhole = (schema: z.ZodNumber): boolean => schema.format !== null && /int/.test(String(schema.format));

function fromForm(inner: z.ZodType, value: unknown): unknown {
	if (inner instanceof z.ZodArray) {
		const items =
			typeof value === 'string'
				? value
						.split(',')
						.map((s) => s.trim())
						.filter(Boolean)
				: Array.isArray(value)
					? value
					: [value];
		const element = unwrap(inner.element as z.ZodType).inner;
		return element instanceof z.ZodNumber ? items.map(Number) : items;
	}
	if (inner instanceof z.ZodRecord && typeof value === 'object' && value !== null && 'pairs' in value) {
		const pairs = (value as { pairs: Array<{ key: string; value: unknown }> }).pairs ?? [];
		return Object.fromEntries(pairs.map((p) => [p.key, p.value]));
	}
	if (inner instanceof z.ZodNumber && typeof value === 'string' && value.trim() !== '') return Number(value);
	if (inner instanceof z.ZodUnion && typeof value === 'string') {
		const members = (inner.options as z.ZodType[]).map((o) => unwrap(o).inner);
		if (members.some((m) => m instanceof z.ZodNumber) && value.trim() !== '' && Number.isFinite(Number(value))) return Number(value);
	}
	if (inner instanceof z.ZodObject && typeof value === 'object' && value !== null) return readForm(inner, value as Record<string, unknown>);
	return value;
}
