import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dashboard, dashboards, queriesOf } from './dashboards.js';

const folder = join(__dirname, '../../lib/server/metrics');
const metrics = readdirSync(folder)
	.map((file) => readFileSync(join(folder, file), 'utf8'))
	.join('\n')
	.matchAll(/'((?:mlops|http|process)_[a-z_]+)'/g);
const known = new Set([...metrics].map(([, name]) => name));

describe.each(dashboards())('the dashboard $file', ({ json }) => {
	const board = dashboard.parse(json);

	test('has panels of different ids that do not lie on each other, within 24 columns', () => {
		expect(new Set(board.panels.map(({ id }) => id)).size).toBe(board.panels.length);
		const taken = new Set<string>();
		for (const { gridPos } of board.panels)
			for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
				for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
					expect([x < 24, taken.has(`${x} ${y}`)]).toEqual([true, false]);
					taken.add(`${x} ${y}`);
				}
	});

	test('asks for metrics that the server has, and takes variables that it declares', () => {
		const variables = new Set(board.templating.list.map(({ name }) => name));
		for (const [, name] of JSON.stringify(board).matchAll(/\$\{?([a-z]\w*)/g)) expect(variables).toContain(name);
		for (const { query } of queriesOf(board)) {
			expect(query).not.toContain('$');
			for (const [name] of query.matchAll(/\b(?:mlops|http|process)_[a-z_]+/g))
				expect(known).toContain(name.replace(/^(http_request_duration_seconds)_bucket$/, '$1'));
		}
	});
});

test('dashboards have ids of their own and find each other by their tag', () => {
	const boards = dashboards().map(({ json }) => dashboard.parse(json));
	expect(boards.map(({ uid }) => uid).sort()).toEqual(['mlops-incidents', 'mlops-quality', 'mlops-serving']);
	for (const { tags, links } of boards) expect(links[0].tags.every((tag) => tags.includes(tag))).toBe(true);
});
