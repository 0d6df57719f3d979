import { atOnce } from '../../lib/server/applyTable.js';
import type { ServedDivision } from '../../lib/server/rollouts/followed.js';
import type { ServedModel } from '../../lib/server/serveTable.js';

const division = (id: string, version: number): ServedDivision => ({
	id,
	kind: 'canary',
	alias: 'champion',
	stable: 1,
	candidates: [{ version, share: 0.5 }],
	guarded: false,
	knownAt: new SharedArrayBuffer(8),
});
const model = (name: string, champion: number, divisions: ServedDivision[] = []): ServedModel => ({
	name,
	versions: { 1: `${name}1`, 2: `${name}2`, 3: `${name}3` },
	archived: [],
	aliases: { champion },
	divisions,
	failed: {},
});
const inMemory = (digest: string | undefined): boolean => digest !== undefined && digest !== 'a3';

describe('a newer table, before its models are loaded', () => {
	it('ends rollouts and moves aliases at once, where nothing need be loaded for it', () => {
		const [a, b] = atOnce([model('a', 2), model('b', 1)], [model('a', 1, [division('x', 2)]), model('b', 1)], inMemory);
		expect(a).toMatchObject({ aliases: { champion: 2 }, divisions: [] });
		expect(b).toMatchObject({ aliases: { champion: 1 } });
	});

	it('leaves aliases where they were, and rollouts out, whose versions are not in memory', () => {
		const next = model('a', 3, [division('x', 3), division('y', 2)]);
		expect(atOnce([next], [model('a', 1)], inMemory)).toMatchObject([{ aliases: { champion: 1 }, divisions: [{ id: 'y' }] }]);
	});

	it('goes on with a rollout that runs, by what is known of it now', () => {
		const next = model('a', 1, [division('x', 3)]);
		const [followed] = atOnce([next], [model('a', 1, [division('x', 3)])], inMemory);
		expect(followed.divisions[0]).toBe(next.divisions[0]);
	});

	it('forgets models that are gone, and does not serve new ones before they are ready', () => {
		expect(atOnce([model('b', 1)], [model('a', 1)], inMemory)).toEqual([]);
	});

	it('does not let an alias stay with a version that was archived', () => {
		const { versions: _, ...next } = model('a', 3);
		expect(atOnce([{ ...next, versions: { 3: 'a3' } }], [model('a', 1)], inMemory)[0].aliases).toEqual({});
	});
});
