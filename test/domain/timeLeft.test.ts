import { progressText } from '../../lib/domain/progress.js';
import { timeLeft } from '../../lib/domain/timeLeft';

/** A watch that goes on by the given seconds before each report. */
function watch() {
	let seconds = 0;
	const tell = timeLeft(() => seconds);
	return (after: number, stage: string, share?: number) => {
		seconds += after;
		return tell({ stage, ...(share === undefined ? {} : { share }) }).secondsLeft;
	};
}

test('follows the pace of the present stage, and until that is known the pace since the start', () => {
	const left = watch();
	expect(left(0, 'Reading', 0)).toBeUndefined();
	expect(left(10, 'Training', 0.1)).toBeCloseTo(90, 9);
	expect(left(0.5, 'Training', 0.11)).toBeCloseTo((10.5 / 0.11) * 0.89, 9);
	expect(left(3.5, 'Training', 0.5)).toBeCloseTo(5, 9);
	expect(left(4, 'Training', 0.9)).toBeCloseTo(1, 9);
});

test('says nothing before a pace is known, without a share, and at the end', () => {
	const left = watch();
	expect(left(0, 'Reading')).toBeUndefined();
	expect(left(60, 'Training', 0.5)).toBeUndefined();
	expect(left(0.5, 'Training', 0.6)).toBeUndefined();
	expect(left(1, 'Training', 0.601)).toBeCloseTo((1.5 / 0.101) * 0.399, 9);
	expect(left(60, 'Done', 1)).toBeUndefined();
});

test('starts anew when the work goes back, and leaves what the work itself knows', () => {
	const left = watch();
	left(0, 'Fold 1', 0);
	expect(left(2, 'Fold 1', 0.5)).toBeCloseTo(2, 9);
	expect(left(0, 'Fold 2', 0)).toBeUndefined();
	expect(left(8, 'Fold 2', 0.8)).toBeCloseTo(2, 9);
	expect(timeLeft(() => 0)({ stage: 'x', share: 0.5, secondsLeft: 7 }).secondsLeft).toBe(7);
});

it.each([
	[{ stage: 'Storing', share: 0.48, secondsLeft: 11.2 }, 'Storing, 48 %, 12 s left'],
	[{ stage: 'Storing', share: 0.48, secondsLeft: 119 }, 'Storing, 48 %, 119 s left'],
	[{ stage: 'Storing', share: 0.12, secondsLeft: 851 }, 'Storing, 12 %, 14 min left'],
	[{ stage: 'Storing' }, 'Storing'],
])('is told to people in seconds, or in minutes where there are some: %o', (progress, text) => {
	expect(progressText(progress)).toBe(text);
});
