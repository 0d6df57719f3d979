import { nationalNumbers } from '../../lib/data/nationalNumbers.js';
import NUMBERS from './nationalNumbers.json';

/** Random texts of each number's form, judged by python-stdnum 2.2: those that it takes, and those that it refuses. */
const cases = Object.entries(NUMBERS as Record<string, { valid: string[]; invalid: string[] }>).map(([label, of]) => ({ label, ...of }));
const called: Record<string, string> = {
	'Canada (SIN)': 'sin',
	'the Netherlands (BSN)': 'bsn',
	'the United Kingdom (NHS)': 'nhs number',
	'Denmark (CPR)': 'cpr',
	Israel: 'teudat zehut',
};
const labels = (list: readonly string[]) => nationalNumbers(list).map((n) => n.label);

test.each(cases)('$label: what python-stdnum takes', ({ label, valid }) => {
	expect(labels(valid)).toContain(label);
});

test.each(cases.filter((c) => c.invalid.length))('$label: what it refuses', ({ label, invalid }) => {
	expect(labels(invalid)).not.toContain(label);
	// One by one: each fills a column of its own.
	expect(invalid.filter((text) => labels(Array<string>(8).fill(text)).includes(label))).toEqual([]);
});

test.each(Object.entries(called))('%s counts only where the column is called so', (label, name) => {
	const number = nationalNumbers(cases.find((c) => c.label === label)!.valid).find((n) => n.label === label)!;
	expect([number.called?.test(name), number.called?.test('order')]).toEqual([true, false]);
});

test('too few values, or too few that fit, are no proof', () => {
	const { valid, invalid } = cases.find((c) => c.label === 'Poland (PESEL)')!;
	expect(labels(valid.slice(0, 7))).toEqual([]);
	expect(labels([...valid.slice(0, 8), ...invalid.slice(0, 2)])).toEqual([]);
	expect(labels([...valid, invalid[0]])).toEqual(['Poland (PESEL)']);
});
