import { featureText } from '../../lib/domain/text.js';
import { usualWords } from '../../lib/serve/reasonWords.js';

it.each([
	[['tenure', 3], 'tenure = 3'],
	[['plan', null], 'plan = no value'],
	[['since', new Date(Date.UTC(1981, 11, 31))], 'since = 1981-12-31T00:00:00.000Z'],
	[['note', `${'x'.repeat(70)}`], `note = ${'x'.repeat(60)}…`],
] as const)('a value is quoted in one line: %j', (given, text) => {
	expect(featureText(...(given as unknown as Parameters<typeof featureText>))).toBe(text);
});

it.each<[Parameters<typeof usualWords>, string | undefined]>([
	[[undefined, 3], undefined],
	[[{ low: 5, high: 5000 }, 9999], 'usually 5 to 5,000'],
	[[{ low: 4, high: 4 }, 5], 'usually 4'],
	[[{ low: Date.UTC(2020, 0, 1), high: Date.UTC(2021, 0, 1) }, 0, 'datetime'], 'usually 2020-01-01 to 2021-01-01'],
	[[{ share: 0.0021 }, 'XX'], 'in 0.21 % of the rows learned from'],
	[[{ share: 0 }, 'XX'], 'never seen'],
	[[{ low: 5, high: 50, share: 0.004 }, null], 'so in 0.4 % of the rows learned from'],
	[[{ low: 5, high: 50, share: 0 }, null], 'there was always a value'],
])('what is usual is said: %j', (given, words) => {
	expect(usualWords(...given)).toBe(words);
});
