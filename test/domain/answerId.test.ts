import { createIdSource, ID_MARGIN_MS, timeOfId } from '../../lib/domain/answerId.js';

afterEach(() => jest.restoreAllMocks());

/** A clock that a person, or the network, sets. */
function clock(start: number): { now: number } {
	const set = { now: start };
	jest.spyOn(Date, 'now').mockImplementation(() => set.now);
	return set;
}
const NOON = Date.UTC(2026, 5, 1, 12);

it('ids rise within a process, also where the clock is put back by a little', () => {
	const set = clock(NOON);
	const next = createIdSource();
	const ids = Array.from({ length: 3_000 }, (_, i) => {
		set.now += [1, 0, -5, 3, -40][i % 5];
		return next();
	});
	expect([...ids].sort()).toEqual(ids);
	expect(new Set(ids).size).toBe(ids.length);
});

it('where the clock is put back by much, ids say the new time all the same, and none comes twice', () => {
	const set = clock(NOON);
	const next = createIdSource();
	const seen = new Set<string>();
	for (const hours of [0, -5, 0, -5, 8_760, 0]) {
		set.now = NOON + hours * 3_600_000;
		for (let i = 0; i < 1_000; i++) {
			const id = next();
			seen.add(id);
			// Whoever looks an answer up by its id looks at the log of the time that the id says.
			expect(Math.abs(timeOfId(id)! - set.now)).toBeLessThan(ID_MARGIN_MS);
		}
	}
	expect(seen.size).toBe(6_000);
});
