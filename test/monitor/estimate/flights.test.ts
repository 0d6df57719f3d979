import { delayMonths, lateMonths, tableOf, type Month } from './flights.js';

/** One flight in so many; 5 prints the table of lib/monitor/estimate/README.md. */
const ONE_IN = Number(process.env['ESTIMATE_ONE_IN'] ?? 100);

describe('flights of 2001, learned from in January: what is estimated month by month, and what came true', () => {
	let found: Month[];
	const of = (metric: string): Month[] => found.filter((m) => m.metric === metric);
	beforeAll(async () => {
		const byMetric = (a: Month, b: Month): number => (a.metric < b.metric ? -1 : Number(a.metric > b.metric));
		found = [...(await lateMonths(ONE_IN)), ...(await delayMonths(ONE_IN))].sort(byMetric);
		process.stdout.write(`${tableOf(found)}\n`);
	}, 580_000);

	it('how well late flights are told from others is estimated to within what chance does', () => {
		expect(of('auc')).toHaveLength(6);
		for (const { estimated, realised, low, high } of of('auc')) {
			expect(Math.abs(estimated - realised)).toBeLessThan(0.04);
			expect(realised).toBeGreaterThan(low - 0.02);
			expect(realised).toBeLessThan(high + 0.02);
		}
		for (const { estimated, realised } of of('accuracy')) expect(Math.abs(estimated - realised)).toBeLessThan(0.05);
	});

	it('the mean error in minutes is estimated to within an eighth, the root of squares to within a quarter', () => {
		for (const { estimated, realised } of of('mae')) expect(Math.abs(estimated / realised - 1)).toBeLessThan(0.125);
		for (const { estimated, realised } of of('rmse')) expect(Math.abs(estimated / realised - 1)).toBeLessThan(0.25);
	});

	it('more flights were late in February, which nothing that is asked about tells: no estimate sees it', () => {
		const [february] = of('logLoss');
		expect(february.realised - february.reference).toBeGreaterThan(0.03);
		expect(february.estimated - february.reference).toBeLessThan(0.01);
	});

	it('distances that come in kilometres are asked about otherwise: the estimate of the mean error sees them', () => {
		const [june, kilometres] = of('mae').slice(-2);
		expect(kilometres.estimated).toBeGreaterThan(june.estimated);
		expect(kilometres.pValue).toBeLessThan(june.pValue);
	});
});
