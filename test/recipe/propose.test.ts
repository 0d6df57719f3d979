import type { ColumnSchema } from '../../lib/domain/column';
import type { ColumnProfile, Profile } from '../../lib/domain/profile';
import { proposeCleaning } from '../../lib/recipe/propose';
import { stepById } from '../../lib/recipe/steps';

const columns: ColumnSchema[] = [
	{ name: 'id', type: 'category', role: 'id' },
	{ name: 'age', type: 'integer', role: 'feature' },
	{ name: 'income', type: 'number', role: 'feature' },
	{ name: 'price', type: 'category', role: 'feature' },
	{ name: 'city', type: 'category', role: 'feature' },
	{ name: 'empty', type: 'category', role: 'feature' },
	{ name: 'country', type: 'category', role: 'feature' },
	{ name: 'ticket', type: 'category', role: 'feature' },
	{ name: 'joined', type: 'category', role: 'feature' },
	{ name: 'member', type: 'category', role: 'feature' },
	{ name: 'churn', type: 'boolean', role: 'target' },
];
const of = (name: string, more: Partial<ColumnProfile>): ColumnProfile => {
	const { type, role } = columns.find((c) => c.name === name)!;
	return { name, type, role, missing: 0, distinct: 20, warnings: [], ...more };
};
const top = (...values: string[]) => values.map((value, i) => ({ value, count: 10 - i }));
const profile = (duplicates = 3): Profile => ({
	rows: 100,
	duplicates,
	target: 'churn',
	task: 'binary',
	warnings: [],
	columns: [
		of('id', { distinct: 100 }),
		of('age', { missing: 10, min: 18, max: 80, quantiles: [18, 20, 22, 30, 40, 50, 60, 70, 79] }),
		of('income', { min: 0, max: 1e6, quantiles: [1, 5, 10, 20, 30, 40, 60, 70, 90] }),
		of('price', { top: top('€ 1.234,50', '12,5', 'N/A') }),
		of('city', { top: top('Rome', 'rome ', 'Paris') }),
		of('empty', { missing: 100, distinct: 0 }),
		of('country', { distinct: 1, top: top('IT') }),
		of('ticket', { distinct: 99, top: top('a1', 'a2') }),
		of('joined', { top: top('25/12/2001', '3/1/2002') }),
		of('member', { distinct: 2, top: top('yes', 'no') }),
		of('churn', { missing: 4, distinct: 2 }),
	],
});

test('proposes what the profile suggests, in a workable order, each with a reason that names columns', () => {
	const steps = proposeCleaning(profile(), columns);
	expect(steps.map((s) => [s.step, s.params.columns])).toEqual([
		['drop_duplicates', []],
		['drop_missing', ['churn']],
		['drop_columns', ['empty', 'country', 'ticket']],
		['trim_text', ['price', 'city']],
		['trim_text', ['city']],
		['convert_type', ['member']],
		['convert_type', ['price']],
		['convert_type', ['joined']],
		['clip_outliers', ['income']],
		['impute', ['age', 'price', 'city', 'joined', 'member']],
	]);
	expect(steps.find((s) => s.step === 'convert_type' && s.params.to === 'number')?.params).toMatchObject({ decimal: ',' });
	expect(steps.find((s) => s.step === 'convert_type' && s.params.to === 'datetime')?.params).toMatchObject({ day_first: true });
	for (const s of steps) {
		expect(s.reason).toMatch(/\.$/);
		expect(stepById(s.step).params.safeParse(s.params).success).toBe(true);
	}
	expect(steps[0].reason).toBe('3 rows (3 %) repeat another row in every column; the first of each stays.');
	expect(steps[9].reason).toBe('"age" has gaps (10 %); numbers get the median, the rest the most frequent value of the training rows.');
});

test('proposes nothing for clean data, and leaves out what is not wanted', () => {
	const clean: Profile = {
		rows: 50,
		duplicates: 0,
		warnings: [],
		columns: [of('age', { min: 18, max: 80, quantiles: [18, 20, 22, 30, 40, 50, 60, 70, 79] }), of('city', { top: top('Rome', 'Paris') })],
	};
	expect(proposeCleaning(clean, columns)).toEqual([]);
	const some = proposeCleaning(profile(), columns, { impute: false, outliers: false, duplicates: false }).map((s) => s.step);
	expect(some).not.toContain('impute');
	expect(some).not.toContain('clip_outliers');
	expect(some).not.toContain('drop_duplicates');
});

test('equal rows of a table that nothing tells apart are not taken for copies', () => {
	const three = columns.filter((c) => ['age', 'city', 'churn'].includes(c.name));
	expect(proposeCleaning(profile(60), three).map((s) => s.step)).not.toContain('drop_duplicates');
});

it('leaves marks as they are: filled with their one value they would say nothing', () => {
	const marks: ColumnSchema[] = ['newsletter', 'sold', 'visits'].map((name) => ({ name, type: 'category', role: 'feature' }));
	const column = (name: string, missing: number, distinct: number): ColumnProfile => ({
		name,
		type: 'category',
		role: 'feature',
		missing,
		distinct,
		warnings: [],
	});
	const steps = proposeCleaning(
		{ rows: 100, duplicates: 0, warnings: [], columns: [column('newsletter', 70, 1), column('sold', 97, 1), column('visits', 5, 9)] },
		marks,
	);
	expect(steps.map(({ step, params }) => [step, params.columns])).toEqual([
		['drop_columns', ['sold']],
		['impute', ['visits']],
	]);
});
