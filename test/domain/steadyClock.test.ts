import { createSteadyClock } from '../../lib/domain/steadyClock.js';

const DAY = 86_400_000;

function clocks() {
	const at = { wall: Date.UTC(2026, 5, 1), running: 0 };
	const now = createSteadyClock({ wall: () => at.wall, running: () => at.running });
	const pass = (ms: number): void => {
		at.wall += ms;
		at.running += ms;
	};
	return { at, now, pass };
}

it('is the clock of the machine as long as that runs as it should', () => {
	const { at, now, pass } = clocks();
	for (let i = 0; i < 400; i++) {
		pass(DAY);
		// What is set right a little, again and again, is no jump.
		at.wall += 60_000;
		expect(now()).toBe(at.wall);
	}
});

it('goes back at once, and forward by much only once that has stood for a day', () => {
	const { at, now, pass } = clocks();
	const before = at.wall;
	at.wall += 3_650 * DAY;
	expect(now()).toBe(before);
	pass(DAY / 2);
	expect(now()).toBe(before + DAY / 2);
	// It was a mistake, and is put right.
	at.wall -= 3_650 * DAY;
	expect(now()).toBe(at.wall);
	// A machine that began in the past, and was told the time.
	at.wall += 20 * DAY;
	expect(now()).toBe(before + DAY / 2);
	pass(DAY - 1);
	expect(now()).toBeLessThan(at.wall);
	pass(1);
	expect(now()).toBe(at.wall);
	at.wall -= 100 * DAY;
	expect(now()).toBe(at.wall);
});
