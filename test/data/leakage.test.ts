import { writeFileSync } from 'node:fs';
import { proposeCleaning } from '../../lib/recipe/propose.js';
import { workshop, type Workshop } from './helpers.js';

let shop: Workshop;
beforeAll(() => {
	shop = workshop();
});
afterAll(() => shop.close());

/** Scattered numbers from 0 to 1, the same at every run. */
const random = (i: number) => (Math.abs(Math.imul(i + 11, 0x9e3779b1) ^ (Math.imul(i + 11, 0x85ebca6b) >>> 13)) % 10_007) / 10_007;
let files = 0;
/** 1,000 rows with the outcome `left`, `share` of them yes, and one more column. */
const table = async (
	share: number,
	value: (left: boolean, i: number) => unknown,
	outcome: (left: boolean) => string = (left) => (left ? 'yes' : 'no'),
) => {
	const path = shop.path(`${++files}.csv`);
	const row = (i: number) => {
		const left = random(i) < share;
		return `${(random(i * 3 + 1) * 100).toFixed(2)},${value(left, i) ?? ''},${outcome(left)}`;
	};
	writeFileSync(path, `usage,extra,left\n${Array.from({ length: 1_000 }, (_, i) => row(i)).join('\n')}\n`);
	const r = await shop.ingest({ source: 'file', params: { path }, target: 'left' });
	return {
		...r,
		leak: r.profile.warnings.find((w) => w.code === 'leakage' && w.column === 'extra'),
		steps: proposeCleaning(r.profile, r.columns),
	};
};
const date = (i: number) => `2024-0${1 + (i % 9)}-1${i % 10}`;

it.each([
	['a date of leaving', 0.4, (left: boolean, i: number) => (left ? date(i) : '')],
	['a date of leaving that some who left do not have', 0.4, (left: boolean, i: number) => (left && i % 3 ? date(i) : '')],
	['a reason, rare', 0.04, (left: boolean, i: number) => (left ? ['price', 'moved', 'service'][i % 3] : '')],
	['an amount paid back, with one mistake', 0.3, (left: boolean, i: number) => (left || i === 17 ? (random(i) * 50).toFixed(2) : '')],
	['a mark of those who left', 0.3, (left: boolean) => (left ? 'x' : '')],
	['a renewal that only those who stayed have', 0.3, (left: boolean, i: number) => (left ? '' : 10 + (i % 30))],
])('%s is a leak, said with the counts, and Clean leaves it out instead of filling it', async (_what, share, value) => {
	const { leak, steps, profile } = await table(share, value);
	const missing = profile.columns.find((c) => c.name === 'extra')!.missing;
	const filled = 1_000 - missing;
	expect(leak).toMatchObject({ certain: true });
	expect(leak!.text).toMatch(new RegExp(`in (${filled}|${missing}) rows`));
	expect(leak!.text).toMatch(/"left" is "(yes|no)"/);
	expect(profile.warnings.map((w) => w.code)).not.toContain('many_missing');
	expect(steps.find((s) => s.step === 'drop_columns')).toMatchObject({
		params: { columns: ['extra'] },
		reason: expect.stringContaining(leak!.text),
	});
	expect(steps.find((s) => s.step === 'impute')?.params.columns ?? []).not.toContain('extra');
});

it('labels in several spellings are one outcome', async () => {
	let n = 0;
	const { leak } = await table(
		0.4,
		(left, i) => (left ? date(i) : ''),
		(left) => (left ? ['yes', 'Yes', 'Y'] : ['no', 'N ', 'NO'])[n++ % 3],
	);
	expect(leak).toMatchObject({ certain: true, text: expect.stringMatching(/in all of them "left" is "(yes|Yes|Y)"/) });
});

it.each([
	['the answer in other words', (left: boolean) => (left ? 'gone' : 'still here')],
	['the answer as a number', (left: boolean) => (left ? 7 : 3)],
])('%s is a leak', async (_what, value) => {
	const { leak, steps } = await table(0.3, value);
	expect(leak!.text).toContain('says the same as "left" in all 1,000 rows');
	expect(steps.find((s) => s.step === 'drop_columns')?.params.columns).toEqual(['extra']);
});

it.each([
	['a word for none where nobody left', (left: boolean, i: number) => (left ? ['price', 'moved', 'service'][i % 3] : 'none')],
	['a dash where nobody left', (left: boolean, i: number) => (left ? ['price', 'moved', 'service'][i % 3] : '-')],
	['the answer in other spellings', (left: boolean, i: number) => (left ? ['YES', 'Yes', 'y'][i % 3] : ['NO', 'no '][i % 2])],
])('%s is a gap or an answer in other words: left out, not filled', async (_what, value) => {
	const { leak, steps } = await table(0.3, value);
	expect(leak).toMatchObject({ certain: true });
	expect(steps.find((s) => s.step === 'drop_columns')?.params.columns).toEqual(['extra']);
	expect(steps.find((s) => s.step === 'impute')?.params.columns ?? []).not.toContain('extra');
});

it.each([
	['a number that is 0 for all who stayed', (left: boolean, i: number) => (left ? 1 + ((i * 7919) % 90) : 0)],
	['the answer in other words, with a few mistakes', (left: boolean, i: number) => (left === (i % 200 !== 3) ? 'gone' : 'here')],
])('%s is said, and left to a person', async (_what, value) => {
	const { leak, steps } = await table(0.3, value);
	expect(leak?.certain).toBeUndefined();
	expect(leak!.text).toMatch(/almost perfectly|nearly the answer/);
	expect(steps.find((s) => s.step === 'drop_columns')).toBeUndefined();
});

it.each([
	['free text', (left: boolean, i: number) => (left ? `reason ${i} of ${random(i)} them all` : '')],
	['an address to write to', (left: boolean, i: number) => (left ? `a${i}@b.example` : '')],
])('%s for one outcome alone is no feature, and said all the same', async (_what, value) => {
	const { leak, columns } = await table(0.3, value);
	expect(columns.find((c) => c.name === 'extra')!.role).toBe('ignore');
	expect(leak).toMatchObject({ certain: true, remedy: expect.stringContaining('no feature') });
});

it.each([
	['gaps by chance', 0.4, (_left: boolean, i: number) => (random(i * 7 + 2) < 0.5 ? i % 30 : '')],
	['gaps that say something, but not all', 0.4, (left: boolean, i: number) => (random(i * 7 + 2) < (left ? 0.8 : 0.2) ? i % 30 : '')],
	['few values, all of the frequent outcome', 0.05, (left: boolean, i: number) => (!left && i % 40 === 0 ? i % 30 : '')],
	['a value in every row', 0.4, (_left: boolean, i: number) => i % 30],
])('%s is none', async (_what, share, value) => {
	expect((await table(share, value)).leak).toBeUndefined();
});

it('for numbers to predict, gaps are not looked at by class', async () => {
	let n = 0;
	const { leak, task } = await table(
		0.4,
		(left, i) => (left ? i % 30 : ''),
		(left) => String((left ? 100 : 0) + random(n++) * 50),
	);
	expect([task, leak?.certain]).toEqual(['regression', undefined]);
});

it('of few rows too, a number that another column repeats in another unit is said, and one that merely goes with it is not', async () => {
	const path = shop.path(`${++files}.csv`);
	const row = (i: number) => {
		const price = 100 + ((i * 7919) % 331);
		return `${(price * 0.19).toFixed(2)},${price + ((i * 104_729) % 200)},${price}`;
	};
	writeFileSync(path, `tax,weight,price\n${Array.from({ length: 100 }, (_, i) => row(i)).join('\n')}\n`);
	const { profile } = await shop.ingest({ source: 'file', params: { path }, target: 'price' });
	expect(profile.warnings.filter((w) => w.code === 'leakage').map((w) => w.column)).toEqual(['tax']);
});
