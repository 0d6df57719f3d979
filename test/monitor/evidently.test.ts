import type { ColumnSchema } from '../../lib/domain/column';
import { silentContext } from '../../lib/domain/progress';
import { buildReference, driftParams, driftReport } from '../../lib/monitor';
// Made by makeEvidently.py; versions inside.
import expected from './fixtures/evidently.json';
import { flights } from './flights';
import { frameOf } from '../data/frames';

interface Expected {
	columns: Record<string, { score: number; method: string; threshold: number; drifted: boolean }>;
	drifted: { count: number; share: number } | null;
}
const NAMES: Record<string, string> = {
	'K-S p_value': 'ks',
	'Wasserstein distance (normed)': 'wasserstein',
	'Jensen-Shannon distance': 'jensenshannon',
	'chi-square p_value': 'chisquare',
	'Z-test p_value': 'z',
};
const params = driftParams.parse({ mode: 'evidently' });

function checkAgainst(report: Awaited<ReturnType<typeof driftReport>>, want: Expected): void {
	expect(report.columns.map((c) => c.column).sort()).toEqual(Object.keys(want.columns).sort());
	for (const column of report.columns) {
		const its = want.columns[column.column];
		expect({ column: column.column, test: column.test, threshold: column.threshold, drifted: column.drifted }).toEqual({
			column: column.column,
			test: NAMES[its.method],
			threshold: its.threshold,
			drifted: its.drifted,
		});
		expect(Math.abs(column.score - its.score)).toBeLessThan(1e-9);
	}
	expect(report.driftedColumns).toHaveLength(want.drifted?.count ?? NaN);
	expect(report.share).toBeCloseTo(want.drifted?.share ?? NaN, 12);
}

describe('mode evidently gives the report of Evidently 0.7.23', () => {
	for (const c of expected.small) {
		const schema = c.schema.map((s): ColumnSchema => ({ name: s.name, type: s.type as ColumnSchema['type'], role: 'feature' }));
		const reference = frameOf(schema, c.reference as unknown as Record<string, unknown[]>);
		const current = frameOf(schema, c.current as unknown as Record<string, unknown[]>);
		test(c.name, async () => {
			checkAgainst(await driftReport(reference, current, params, silentContext()), c.expected as unknown as Expected);
		});
		test(`${c.name}, reference kept as a sketch that lost nothing`, async () => {
			checkAgainst(await driftReport(buildReference(reference), current, params, silentContext()), c.expected as unknown as Expected);
		});
	}

	test.each(expected.flights)(
		'flights: $name',
		async (c) => {
			const [reference, current] = await flights(c.name);
			expect([reference.rows, current.rows]).toEqual(c.rows);
			checkAgainst(await driftReport(reference, current, params, silentContext()), c.expected as unknown as Expected);
		},
		60_000,
	);
});
