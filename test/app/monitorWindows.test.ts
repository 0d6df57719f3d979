import { closedWindows, lookAgain, MOST_MISSED, nextClose, windowStart } from '../../lib/app/monitorWindows.js';
import { positionOf } from '../../lib/app/verdicts.js';
import type { VerdictRecord } from '../../lib/domain/monitor.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const at = (text: string): number => Date.parse(text);
const iso = (ms: number): string => new Date(ms).toISOString();

describe('windows of time', () => {
	it('days begin at midnight and weeks on Monday, in UTC', () => {
		expect(iso(windowStart(24, at('2026-11-28T22:33:00Z')))).toBe('2026-11-28T00:00:00.000Z');
		expect(iso(windowStart(168, at('2026-11-28T22:33:00Z')))).toBe('2026-11-23T00:00:00.000Z');
		expect(iso(windowStart(1, at('2026-11-28T22:33:00Z')))).toBe('2026-11-28T22:00:00.000Z');
	});

	it.each(['2026-03-29', '2026-10-25'])('in the night of %s, in which clocks change, each moment lies in one window', (day) => {
		const from = at(`${day}T00:00:00Z`) - DAY;
		const { windows } = closedWindows(1, from, from + 3 * DAY + HOUR, 1_000);
		expect(windows).toHaveLength(72);
		for (const [i, window] of windows.entries()) expect(window).toEqual({ from: from + i * HOUR, until: from + (i + 1) * HOUR });
	});

	it('a window is looked at a minute after it has closed, when all servers have written down what they answered', () => {
		const from = at('2026-11-28T00:00:00Z');
		expect(closedWindows(24, from, from + DAY + 59_000, 10).windows).toEqual([]);
		expect(closedWindows(24, from, from + DAY + 60_000, 10).windows).toEqual([{ from, until: from + DAY }]);
		expect(nextClose({ window: { by: 'time', hours: 24 } }, from)).toBe(from + DAY + 60_000);
	});

	it('what was missed comes the oldest first, so many at once; beyond a bound it is counted and left out', () => {
		const from = at('2026-11-01T00:00:00Z');
		const three = closedWindows(24, from, from + 3 * DAY + HOUR, 2);
		expect(three).toEqual({
			windows: [
				{ from, until: from + DAY },
				{ from: from + DAY, until: from + 2 * DAY },
			],
			skipped: 0,
			more: true,
		});
		// A clock that jumps ten years ahead.
		const now = from + 3_652 * DAY;
		const many = closedWindows(24, from, now, 10_000);
		expect(many.windows).toHaveLength(MOST_MISSED);
		expect(many.skipped + MOST_MISSED).toBe(Math.floor((now - 60_000 - from) / DAY));
		expect(many.windows.at(-1)!.until).toBeLessThanOrEqual(now);
	});

	it('where its hours are changed, nothing is looked at twice, and nothing is left out', () => {
		const position = at('2026-11-28T05:00:00Z');
		const { windows } = closedWindows(24, position, position + 2 * DAY, 10);
		expect(windows[0]).toEqual({ from: position, until: at('2026-11-29T00:00:00Z') });
		expect(windows[1].from).toBe(windows[0].until);
	});

	it('windows that a clock which was ahead left in the future do not keep it from looking', () => {
		const verdict = (from: string, until: string) => ({ body: { from, until } as VerdictRecord });
		const looked = [
			verdict('2036-01-01T00:00:00.000Z', '2036-01-02T00:00:00.000Z'),
			verdict('2026-11-27T00:00:00.000Z', '2026-11-28T00:00:00.000Z'),
		];
		expect(iso(positionOf('2026-11-01T00:00:00.000Z', looked, at('2026-11-28T12:00:00Z')))).toBe('2026-11-28T00:00:00.000Z');
	});
});

it('a window that waits for its truth is looked at again often while it is young, then less and less, and never forgotten', () => {
	const until = at('2026-11-01T00:00:00Z');
	const looks: number[] = [];
	let previous: number | undefined;
	for (let now = until + HOUR; now <= until + 30 * DAY; now += HOUR) {
		if (lookAgain(until, 60, previous, now)) looks.push((now - until) / HOUR);
		previous = now;
	}
	expect(looks.slice(0, 5)).toEqual([1, 2, 3, 4, 5]);
	expect(looks.length).toBeLessThan(80);
	for (const [i, look] of looks.entries()) if (i > 0) expect(look - looks[i - 1]).toBeLessThanOrEqual(Math.max(1, 0.1 * looks[i - 1] + 1));
	expect(lookAgain(until, 60, undefined, until + 20 * DAY)).toBe(true);
});
