import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod/v4';

const folder = join(__dirname, '../../lib/server/grafana');

/*
 * What our dashboards use of Grafana's classic schema, as the JSON schemas of grafana-foundation-sdk describe it (dashboard, timeseries, stat,
 * table, prometheus; the files were checked against these when they were made): nothing else may stand there.
 */
const datasource = z.strictObject({ type: z.literal('prometheus'), uid: z.literal(['$', '{datasource}'].join('')) });
const gridPos = z.strictObject({
	h: z.number().int().positive(),
	w: z.number().int().positive(),
	x: z.number().int().min(0),
	y: z.number().int().min(0),
});
const target = z.strictObject({
	refId: z.string().regex(/^[A-Z]$/),
	datasource,
	expr: z.string().min(1),
	legendFormat: z.string().min(1),
	instant: z.boolean().optional(),
	range: z.boolean().optional(),
	format: z.enum(['time_series', 'table', 'heatmap']).optional(),
});
const step = z.strictObject({ value: z.number().nullable(), color: z.string() });
const custom = z.strictObject({
	drawStyle: z.enum(['line', 'bars', 'points']),
	lineInterpolation: z.enum(['linear', 'smooth', 'stepBefore', 'stepAfter']),
	lineWidth: z.number(),
	fillOpacity: z.number(),
	showPoints: z.enum(['auto', 'never', 'always']),
	spanNulls: z.boolean(),
	stacking: z.strictObject({ mode: z.enum(['none', 'normal', 'percent']), group: z.string() }),
});
const defaults = z.strictObject({
	unit: z.string(),
	min: z.number().optional(),
	max: z.number().optional(),
	decimals: z.number().optional(),
	thresholds: z.strictObject({ mode: z.enum(['absolute', 'percentage']), steps: z.array(step).min(1) }).optional(),
	color: z.strictObject({ mode: z.enum(['thresholds', 'palette-classic']) }),
	custom: custom.optional(),
});
const options = {
	stat: z.strictObject({
		reduceOptions: z.strictObject({ values: z.boolean(), calcs: z.array(z.string()), fields: z.string() }),
		orientation: z.enum(['auto', 'vertical', 'horizontal']),
		textMode: z.enum(['auto', 'value', 'value_and_name', 'name', 'none']),
		colorMode: z.enum(['value', 'background', 'background_solid', 'none']),
		graphMode: z.enum(['none', 'line', 'area']),
		justifyMode: z.enum(['auto', 'center']),
		wideLayout: z.boolean(),
		showPercentChange: z.boolean(),
		percentChangeColorMode: z.enum(['standard', 'inverted', 'same_as_value']),
	}),
	timeseries: z.strictObject({
		legend: z.strictObject({
			displayMode: z.enum(['list', 'table', 'hidden']),
			placement: z.enum(['bottom', 'right']),
			showLegend: z.boolean(),
			calcs: z.array(z.string()),
		}),
		tooltip: z.strictObject({ mode: z.enum(['single', 'multi', 'none']), sort: z.enum(['asc', 'desc', 'none']) }),
	}),
	table: z.strictObject({ frameIndex: z.number(), showHeader: z.boolean(), cellHeight: z.enum(['sm', 'md', 'lg', 'auto']) }),
};
const panelOf = <T extends keyof typeof options>(type: T) =>
	z.strictObject({
		id: z.number().int().positive(),
		type: z.literal(type),
		title: z.string().min(1),
		description: z.string().min(10),
		datasource,
		gridPos,
		targets: z.array(target).min(1),
		fieldConfig: z.strictObject({ defaults, overrides: z.array(z.never()) }),
		options: options[type],
		transformations: z.array(z.strictObject({ id: z.string(), options: z.object({}).loose() })).optional(),
	});
const row = z.strictObject({
	id: z.number().int().positive(),
	type: z.literal('row'),
	title: z.string().min(1),
	collapsed: z.literal(false),
	gridPos,
	panels: z.array(z.never()),
});
const variable = z.strictObject({
	type: z.enum(['datasource', 'query']),
	name: z.string(),
	label: z.string(),
	datasource: datasource.optional(),
	query: z.string(),
	definition: z.string().optional(),
	refresh: z.literal([0, 1, 2]),
	sort: z.number().int().min(0).max(8).optional(),
	hide: z.literal([0, 1, 2]),
	multi: z.boolean(),
	includeAll: z.boolean(),
	allValue: z.string().optional(),
	current: z.strictObject({ selected: z.boolean(), text: z.array(z.string()), value: z.array(z.string()) }).optional(),
	options: z.array(z.never()),
	regex: z.string(),
});
const annotation = z.strictObject({
	name: z.string(),
	enable: z.boolean(),
	iconColor: z.string(),
	datasource,
	expr: z.string(),
	step: z.string(),
	titleFormat: z.string(),
	textFormat: z.string(),
});
const link = z.strictObject({
	title: z.string(),
	type: z.enum(['link', 'dashboards']),
	icon: z.string(),
	tooltip: z.string(),
	tags: z.array(z.string()),
	asDropdown: z.boolean(),
	targetBlank: z.boolean(),
	includeVars: z.boolean(),
	keepTime: z.boolean(),
});
export const dashboard = z.strictObject({
	uid: z.string().min(8).max(40),
	title: z.string(),
	description: z.string(),
	tags: z.array(z.string()),
	timezone: z.literal('browser'),
	editable: z.boolean(),
	graphTooltip: z.literal([0, 1, 2]),
	schemaVersion: z.number().int().min(36),
	version: z.number().int(),
	refresh: z.string(),
	time: z.strictObject({ from: z.string(), to: z.string() }),
	timepicker: z.strictObject({}),
	annotations: z.strictObject({ list: z.array(annotation) }),
	templating: z.strictObject({ list: z.array(variable) }),
	links: z.array(link),
	panels: z.array(z.discriminatedUnion('type', [row, panelOf('stat'), panelOf('timeseries'), panelOf('table')])).min(1),
});
export type Dashboard = z.infer<typeof dashboard>;

/** The dashboards that are shipped, as they stand in their files. */
export const dashboards = (): Array<{ file: string; json: unknown }> =>
	readdirSync(folder)
		.sort()
		.map((file) => ({ file, json: JSON.parse(readFileSync(join(folder, file), 'utf8')) as unknown }));

/** Each query with what Grafana would put in for all models and a minute. */
export const queriesOf = (board: Dashboard): Array<{ panel: string; query: string }> => [
	...board.panels.flatMap((panel) =>
		panel.type === 'row' ? [] : panel.targets.map(({ expr }) => ({ panel: `${board.title}, ${panel.title}`, query: filled(expr) })),
	),
	...board.annotations.list.map(({ name, expr }) => ({ panel: `${board.title}, ${name}`, query: filled(expr) })),
];

const filled = (expr: string): string => expr.replaceAll('$model', '.+').replaceAll('$__rate_interval', '30s').replaceAll('$__range', '1m');
