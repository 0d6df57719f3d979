import { truthCode, truthReader, type TruthValue } from '../../../lib/data/truth/readTruth.js';
import type { TaskType } from '../../../lib/domain/column.js';

const reading = (task: TaskType, classes: TruthValue[]) => truthReader({ task, classes, target: 'y' });

describe.each<[name: string, classes: TruthValue[], says: Array<[unknown, TruthValue]>]>([
	[
		'yes and no as words',
		['no', 'yes'],
		[
			['yes', 'yes'],
			['Yes', 'yes'],
			[' yes ', 'yes'],
			[true, 'yes'],
			['true', 'yes'],
			[1, 'yes'],
			['0', 'no'],
			[false, 'no'],
		],
	],
	[
		'0 and 1 as numbers',
		[0, 1],
		[
			[1, 1],
			['1', 1],
			['1.0', 1],
			[true, 1],
			['yes', 1],
			[0, 0],
			['false', 0],
			[0.0, 0],
		],
	],
	[
		'true and false',
		[false, true],
		[
			[true, true],
			['true', true],
			['TRUE', true],
			[1, true],
			['1', true],
			['no', false],
			[0, false],
		],
	],
	[
		'codes as text',
		['01', '02'],
		[
			['01', '01'],
			['1', '01'],
			[2, '02'],
		],
	],
	[
		'names',
		['Adelie', 'Chinstrap', 'Gentoo'],
		[
			['Gentoo', 'Gentoo'],
			['gentoo', 'Gentoo'],
		],
	],
])('%s', (_name, classes, says) => {
	const read = reading(classes.length > 2 ? 'multiclass' : 'binary', classes);
	it.each(says)('%p is %p', (told, meant) => {
		expect(read(told)).toEqual({ value: meant });
		expect(truthCode({ task: 'binary', classes }, meant)).toBe(classes.indexOf(meant));
		// What was read once reads the same again.
		expect(read(meant)).toEqual({ value: meant });
	});
	it('an unknown class is kept as it came, and has no code', () => {
		expect(read('perhaps')).toEqual({ value: 'perhaps', unknown: true });
		expect(read(7)).toEqual({ value: 7, unknown: true });
		expect(truthCode({ task: 'binary', classes }, 'perhaps')).toBeNaN();
	});
	it.each([null, undefined, Number.NaN, '', '  ', 'NA', 'null'])('%p is no truth', (told) => expect(read(told)).toEqual({ missing: true }));
	it.each([[['yes']], [{ a: 1 }], [Number.POSITIVE_INFINITY], ['x'.repeat(2_000)]])('%p cannot be read', (told) =>
		expect(read(told)).toMatchObject({ unreadable: true, expected: expect.stringContaining(String(classes[0])) }),
	);
});

it('a class that is called like nothing is that class', () => {
	expect(reading('multiclass', ['NA', 'EU', 'AS'])('NA')).toEqual({ value: 'NA' });
});

it('numbers are read as numbers; what is none is refused', () => {
	const read = reading('regression', []);
	expect([12.5, '12.5', ' 7 ', '1e3', -0, '1,5'].map(read)).toEqual([12.5, 12.5, 7, 1000, 0, 1.5].map((value) => ({ value })));
	expect(['', null, Number.NaN, 'nan'].map(read)).toEqual(Array.from({ length: 4 }, () => ({ missing: true })));
	expect(['many', {}, Number.POSITIVE_INFINITY].map(read)).toEqual(
		Array.from({ length: 3 }, () => ({ unreadable: true, expected: 'a number' })),
	);
});

it('what a model without a target finds is said in any words for yes and no', () => {
	const read = reading('anomaly', []);
	expect(['anomaly', 'Normal', true, 0, 'no', 'ja'].map(read)).toEqual(
		['anomaly', 'normal', 'anomaly', 'normal', 'normal', 'anomaly'].map((value) => ({ value })),
	);
	expect(truthCode({ task: 'anomaly', classes: [] }, 'anomaly')).toBe(1);
});
