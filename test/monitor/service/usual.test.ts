import { chanceOf, chanceOfHits, usualOf } from '../../../lib/monitor/service/usual.js';

/** Values of scipy 1.17.1: stats.t.sf of the prediction interval on logarithms, stats.binom.sf. */
const PAST = [100, 120, 90, 110, 105, 95, 130, 85];

it('the chance of the next value is that of the prediction interval', () => {
	const usual = usualOf(PAST, 4)!;
	expect(usual.mean).toBeCloseTo(4.638871864199597, 12);
	expect(usual.spread).toBeCloseTo(0.14372517707420934, 12);
	expect(chanceOf(40, usual, 'below')).toBeCloseTo(0.00021585775284605556, 12);
	expect(chanceOf(200, usual, 'above')).toBeCloseTo(0.001727709782240771, 12);
	expect(chanceOf(200, usual, 'above', { tolerance: 1.25 })).toBeCloseTo(0.012133069688238672, 12);
	expect(chanceOf(104, usual, 'below')).toBeCloseTo(0.5139346705915233, 12);
});

it('the chance of so many failures is binomial', () => {
	expect(chanceOfHits(5, 100, 0.01)).toBeCloseTo(0.0034323215877545207, 12);
	expect(chanceOfHits(1, 20, 0.05)).toBeCloseTo(0.6415140775914578, 12);
	expect(chanceOfHits(40, 200, 0.1)).toBeCloseTo(1.7007333197272174e-5, 12);
	expect(chanceOfHits(0, 10, 0.5)).toBe(1);
});

it('too few values say nothing, and values that happen to be alike do not make the next one certain', () => {
	expect(usualOf([1, 2, 3], 4)).toBeUndefined();
	expect(usualOf([100, 100, 100, 100, 100], 4)!.spread).toBe(0.1);
});
