import { createStepClock, createStepTime } from '../../../lib/server/rollouts/stepClock.js';
import { openStore } from '../../../lib/store/openStore.js';
import { freshFolder, removeFolders } from '../../store/records.js';

const BEGAN = Date.UTC(2026, 5, 1, 12);
const HOUR = 3_600_000;

function clocks() {
	const at = { wall: BEGAN, running: 500 };
	const clock = createStepClock(
		() => at.wall,
		() => at.running,
	);
	const step = (n: number, since = BEGAN) => ({ id: 'r', step: n, stepSince: new Date(since).toISOString() });
	const passed = (n = 0, since = BEGAN): number => clock.now(step(n, since)) - since;
	return { at, clock, passed };
}

it('a clock that jumps forward ends no step early, and one that jumps back holds none up', () => {
	const { at, passed } = clocks();
	expect(passed()).toBe(0);
	at.running += HOUR / 2;
	at.wall += HOUR / 2 + 365 * 24 * HOUR;
	expect(passed()).toBe(HOUR / 2);
	at.running += HOUR / 2;
	at.wall = BEGAN - 100 * HOUR;
	expect(passed()).toBe(HOUR);
});

it('after a restart of all processes a step goes on where it was, by the clock of the machine', () => {
	const { at, passed } = clocks();
	at.wall = BEGAN + HOUR;
	expect(passed()).toBe(HOUR);
});

it('a step that began in time to come, by the clock of another machine, begins now', () => {
	const { at, passed } = clocks();
	expect(passed(0, BEGAN + 5 * HOUR)).toBe(0);
	at.running += HOUR;
	expect(passed(0, BEGAN + 5 * HOUR)).toBe(HOUR);
	// The next step is another one.
	at.wall = BEGAN + 7 * HOUR;
	expect(passed(1, BEGAN + 6 * HOUR)).toBe(HOUR);
});

describe('over a restart of all processes', () => {
	afterAll(removeFolders);

	it('a step goes on where it was, however the clock was set; another step, or another boot, begins by the clock of the machine', async () => {
		const store = await openStore({ kind: 'folder', home: await freshFolder() });
		const at = { wall: BEGAN, running: 500 };
		const process = (boot = 'this boot') =>
			createStepTime(
				store,
				boot,
				createStepClock(
					() => at.wall,
					() => at.running,
				),
			);
		const step = (n: number, since = BEGAN) => ({ id: 'r', step: n, stepSince: new Date(since).toISOString() });
		const first = process();
		expect(await first.now(step(0))).toBe(BEGAN);
		at.running += HOUR;
		// Put right by three hours while no process ran: the step began by the wrong clock.
		at.wall += 3 * HOUR;
		expect(await process().now(step(0))).toBe(BEGAN + HOUR);
		at.wall = BEGAN - 9 * HOUR;
		expect(await process().now(step(0))).toBe(BEGAN + HOUR);
		at.wall = BEGAN + 2 * HOUR;
		expect(await process('another boot').now(step(0))).toBe(BEGAN + 2 * HOUR);
		// By what the last one kept, not by its own guess.
		at.wall += HOUR;
		expect(await process('another boot').now(step(0))).toBe(BEGAN + 2 * HOUR);
		const next = process();
		expect(await next.now(step(1, at.wall))).toBe(at.wall);
		at.running += HOUR;
		at.wall += 50 * HOUR;
		expect(await process().now(step(1, at.wall - 50 * HOUR))).toBe(at.wall - 49 * HOUR);
		next.only([]);
		while ((await store.progress('step:r')) !== undefined) await new Promise((resolve) => setTimeout(resolve, 5));
		await store.close();
	});
});
