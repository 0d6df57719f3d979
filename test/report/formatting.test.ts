import fc from 'fast-check';
import {
	bytes,
	count,
	date,
	duration,
	escapeHtml,
	humanize,
	list,
	number,
	percent,
	plain,
	score,
	shorten,
	wrap,
} from '../../lib/report/formatting';
import { html, join } from '../../lib/report/markup';
import { conclusion, metricValue, metricWords } from '../../lib/report/reportWords';

const nb = '\u00a0';

it('writes numbers as people do', () => {
	expect([3_000_000, 0.7021, 12.345, -4, 0, 1.2e-9, 1e18, NaN, Infinity, undefined].map((v) => number(v))).toEqual([
		'3,000,000',
		'0.702',
		'12.3',
		'−4',
		'0',
		'1.2e-9',
		'1.0e18',
		'–',
		'∞',
		'–',
	]);
	expect([score(0.7), score(-0.0001), score(-0.25)]).toEqual(['0.700', '0.000', '−0.250']);
	expect([0.7021, 0, 1, 0.9995, 0.004, 0.00001].map((v) => percent(v))).toEqual([
		`70${nb}%`,
		`0${nb}%`,
		`100${nb}%`,
		`99.95${nb}%`,
		`0.4${nb}%`,
		`0.001${nb}%`,
	]);
	expect(percent(1e-9)).toBe(`< 0.001${nb}%`);
	expect([0.0123, 4.21, 59.8, 125, 3660].map(duration)).toEqual([
		`12${nb}ms`,
		`4.2${nb}s`,
		`1${nb}min`,
		`2${nb}min 5${nb}s`,
		`1${nb}h 1${nb}min`,
	]);
	expect([512, 3_400_000].map(bytes)).toEqual([`512${nb}B`, `3.4${nb}MB`]);
	expect([count(1, 'row'), count(2, 'row')]).toEqual([`1${nb}row`, `2${nb}rows`]);
	expect(date('2001-06-14T14:03:00Z', true)).toBe(`14 Jun 2001, 14:03${nb}UTC`);
	expect(list(['a', 'b', 'c', 'd', 'e'])).toBe('a, b, c and 2 more');
	expect([humanize('gradientBoosting'), humanize('log_loss'), humanize('Own words')]).toEqual([
		'Gradient boosting',
		'Log loss',
		'Own words',
	]);
});

it('shortens by characters, never inside one', () => {
	fc.assert(
		fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), fc.integer({ min: 3, max: 40 }), (text, length) => {
			const short = shorten(text, length);
			expect([...short].length).toBeLessThanOrEqual(length);
			expect(short.isWellFormed()).toBe(true);
		}),
	);
	expect(wrap('a few words that go over', 10).every((l) => l.length <= 10)).toBe(true);
});

it('makes any text harmless in HTML, and shows characters that hide or turn text', () => {
	fc.assert(
		fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
			const out = html`<i title="${text}">${text}</i>`.text;
			expect(
				out
					.replace(/^<i title="/, '')
					.replace(/<\/i>$/, '')
					.split('">')[0],
			).not.toMatch(/[<>"]/);
			expect(out.slice(out.indexOf('">') + 2, -4)).not.toMatch(/[<>"]/);
		}),
	);
	expect(escapeHtml('a\u202eb\u0000c')).toBe('a\ufffdb\ufffdc');
	expect(join(['<b>', html`<b>`]).text).toBe('&lt;b&gt;<b>');
	expect(plain({ a: '<' })).toBe('{"a":"<"}');
});

describe('conclusion', () => {
	const base = { classes: ['no', 'yes'], target: 'late' };
	it('says what a ranking is worth', () => {
		expect(conclusion({ ...base, task: 'binary', primary: 'auc', metrics: { auc: 0.7021 }, baseline: { auc: 0.5 } })).toBe(
			`This model ranks a “late = yes” case above a “late = no” one 70${nb}% of the time; guessing gives 50${nb}%.`,
		);
	});
	it('says how often the right class is named', () => {
		expect(
			conclusion({
				...base,
				task: 'multiclass',
				target: 'Species',
				primary: 'logLoss',
				metrics: { logLoss: 0.06, accuracy: 0.9855 },
				baseline: { accuracy: 0.4348 },
			}),
		).toBe(`This model names the right “Species” in 98.6${nb}% of cases; always giving the most frequent answer gets 43${nb}%.`);
	});
	it('says how far predictions are off', () => {
		expect(
			conclusion({
				...base,
				task: 'regression',
				target: 'price',
				primary: 'rmse',
				metrics: { rmse: 4, mae: 3.21 },
				baseline: { mae: 8.1 },
			}),
		).toBe('Its predictions of “price” are off by 3.21 on average; a constant guess would be off by 8.1.');
	});
	it('says when a model is of no use', () => {
		expect(conclusion({ ...base, task: 'binary', primary: 'f1', metrics: { f1: 0.1 }, baseline: { f1: 0.2 } })).toContain('of no use yet');
	});
});

it('knows metrics by the names of other tools, and reads unknown ones by their name', () => {
	expect(metricWords('roc_auc').label).toBe('Ranking quality (AUC)');
	expect(metricWords('log_loss').better).toBe('lower');
	expect(metricWords('pinballLoss')).toMatchObject({ label: 'Pinball loss', better: 'lower' });
	expect(metricValue('accuracy', 0.781)).toBe(`78.1${nb}%`);
	expect(metricValue('rmse', 12345.6)).toBe('12,346');
});
