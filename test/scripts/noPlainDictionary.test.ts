import { linesFound } from './lintRule.js';

it('finds plain objects that are used as dictionaries of names, and lets dictionaries and our own keys pass', async () => {
	expect(
		await linesFound(
			'noPlainDictionary',
			`import { dictionary, own, type Dictionary } from './dictionary.js';
export function f(name: string, plain: Record<string, number>, made: Dictionary<number>, map: Map<string, number>, key: 'a' | 'b') {
	const read = plain[name];
	plain[name] = 1;
	const has = name in plain;
	const filled: Record<string, number> = {};
	const dynamic = (plain as { [k: string]: number | undefined })[name];
	const fine = [made[name], own(plain, name), map.get(name), ({ a: 1, b: 2 })[key], plain.a, plain['a'], [1, 2][0], dictionary<number>()];
	made[name] = 2;
	return [read, has, filled, dynamic, fine];
}
`,
		),
	).toEqual([3, 4, 5, 6, 7]);
}, 60_000);
