import fs from 'node:fs';
import path from 'node:path';
import { examplesOf, listed } from '../../scripts/touched.mts';

describe('what the counting of touched files reads', () => {
	it('finds the examples that say where they are listed', () => {
		const examples = examplesOf(fs.readFileSync(path.join(__dirname, '../../lib/README.md'), 'utf8'));
		expect(examples.map(({ title, file, list }) => [title, file, list])).toContainEqual([
			'A channel',
			'lib/notify/channels/mattermost.ts',
			'lib/notify/channels/index.ts',
		]);
		for (const { code } of examples) expect(code).toMatch(/^export const /m);
	});

	it('adds a line to a list and to a table, typed or not', () => {
		expect(listed('export const A: readonly X[] = [one, two];\n', 'three', './three.js')).toBe(
			"import { three } from './three.js';\nexport const A: readonly X[] = [one, two, three];\n",
		);
		expect(listed('export const A = [\n\tone,\n] as unknown as readonly X[];\n', 'two', './two.js')).toContain('\tone, two');
		expect(listed('export const T = { one } satisfies Table;\n', 'two', './two.js')).toContain('{ one, two }');
		expect(() => listed('export const n = 1;\n', 'two', './two.js')).toThrow('has no list');
	});
});
