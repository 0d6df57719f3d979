import fc from 'fast-check';
import { createJudgedSince } from '../../lib/server/rollouts/judgedSince.js';

describe('up to when guards are known to have been whole', () => {
	it('is when this process asked before the look began that found them so', () => {
		const known = createJudgedSince();
		known.hear({ beat: 7, done: ['a'] }, 100);
		// Of what the look of the seventh renewal read it is not known whether it came before or after.
		known.hear({ beat: 8, done: ['a'] }, 200);
		expect([...known.since]).toEqual([]);
		known.hear({ beat: 9, done: ['a'] }, 300);
		expect([...known.since]).toEqual([['a', 100]]);
		known.hear({ beat: 9, done: ['a'] }, 400);
		known.hear({ beat: 12, done: ['a', 'b'] }, 500);
		expect([...known.since]).toEqual([
			['a', 400],
			['b', 400],
		]);
		known.only(['b']);
		expect([...known.since.keys()]).toEqual(['b']);
	});

	it('does not move for a rollout that could not be judged, nor while nobody renews the lease', () => {
		const known = createJudgedSince();
		for (let i = 0; i < 5; i++) known.hear({ beat: i, done: i < 3 ? ['a'] : [] }, i * 100);
		for (let i = 0; i < 5; i++) known.hear({ beat: 4, done: [] }, 1_000 + i);
		expect([...known.since]).toEqual([['a', 0]]);
	});

	it('is never later than the beginning of a look that found them whole, however holders and those who ask take turns', () => {
		const turn = fc.constantFrom('renew', 'judge', 'ask', 'take over');
		fc.assert(
			fc.property(fc.array(turn, { minLength: 60, maxLength: 200 }), (turns) => {
				const known = createJudgedSince();
				let now = 0;
				let lease = { beat: 1, done: [] as string[] };
				/** The look of the holder: when it began, which is when it renewed the lease, and whether it has ended well. */
				let look = { from: 0, whole: false };
				let lastWhole = Number.NEGATIVE_INFINITY;
				for (const what of turns) {
					now++;
					if (what === 'judge') {
						look.whole = true;
						lastWhole = Math.max(lastWhole, look.from);
					} else if (what === 'ask') known.hear(lease, now);
					else {
						// Who takes over knows nothing of what the one before has done.
						lease = { beat: lease.beat + 1, done: what === 'renew' && look.whole ? ['a'] : [] };
						look = { from: now, whole: false };
					}
					expect(known.since.get('a') ?? Number.NEGATIVE_INFINITY).toBeLessThanOrEqual(lastWhole);
				}
			}),
		);
	});
});
