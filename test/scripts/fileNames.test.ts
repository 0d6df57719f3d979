import { globSync } from 'node:fs';
import path from 'node:path';

const root = path.join(__dirname, '../..');

/** Folders whose files are called as what they add (a command, a source, a panel) or describe (a record); the folder says which. */
const LISTS = [
	'lib/domain',
	'lib/cli/commands',
	'lib/cli/doctor',
	'lib/data/sources',
	'lib/export',
	'lib/learn/learners',
	'lib/learn/trees/losses',
	'lib/monitor/tests',
	'lib/notify/channels',
	'lib/recipe/steps',
	'lib/report/panels',
	'lib/report/reports',
	'lib/server/doors',
	'lib/store/sql/postgres',
	'lib/store/sql/sqlite',
	'lib/task/metrics',
	'lib/task/tasks',
	'nodes/Deploy/operations',
];

test("a file's name says what is in it: no two have the same, but for the lists of extensions", () => {
	const named = new Map<string, string[]>();
	for (const found of globSync('{lib,nodes,credentials}/**/*.{ts,tsx}', { cwd: root })) {
		const file = found.replaceAll(path.sep, '/');
		const name = path.posix.basename(file);
		// The other language's kernel is called as what it does in plain TypeScript.
		if (['index.ts', 'contract.ts'].includes(name) || file.includes('/kernel/assembly/') || file.includes('node_modules/')) continue;
		if (LISTS.some((folder) => file.startsWith(`${folder}/`))) continue;
		named.set(name, [...(named.get(name) ?? []), file]);
	}
	expect(named.size).toBeGreaterThan(500);
	expect([...named.values()].filter((files) => files.length > 1)).toEqual([]);
});
