import { setTimeout as pause } from 'node:timers/promises';
import type { Progress } from '../../lib/domain/progress.js';
import { forward, heardOf } from '../../lib/domain/steadyProgress.js';

it('a share never goes back; stages and what has no share pass as they are', () => {
	const said: Progress[] = [];
	const tell = forward((progress) => said.push(progress));
	for (const progress of [{ stage: 'a', share: 0.3 }, { stage: 'b', share: 0.1 }, { stage: 'c' }, { stage: 'b', share: 0.5 }])
		tell(progress);
	expect(said).toEqual([{ stage: 'a', share: 0.3 }, { stage: 'b', share: 0.3 }, { stage: 'c' }, { stage: 'b', share: 0.5 }]);
});

it('work that says nothing for long is heard of all the same, and no more once it is over', async () => {
	const said: Progress[] = [];
	const first = { stage: 'Sorting', share: 0.4 };
	const { promise: heard, resolve } = Promise.withResolvers<void>();
	const work = heardOf(
		(progress) => {
			said.push(progress);
			if (said.length === 4) resolve();
		},
		async (tell) => {
			tell(first);
			await heard;
			return 'done';
		},
		10,
	);
	// The timer alone keeps no process alive.
	const alive = setInterval(() => {}, 1_000);
	expect(await work).toBe('done');
	clearInterval(alive);
	expect(said).toEqual([first, first, first, first]);
	await pause(50);
	expect(said).toHaveLength(4);
});
