import { silentContext } from '../../lib/domain/progress.js';
import type { Finding } from '../../lib/domain/monitor.js';
import { service } from '../../lib/app/watches/serviceWatch.js';
import type { Store } from '../../lib/store/contract.js';
import { removeFolders } from '../store/records.js';
import { answer, churnStore, DAY, HOUR, MONDAY, type Hour } from './watchedModel.js';

let store: Store;
beforeEach(async () => {
	store = await churnStore();
});
afterEach(async () => await store.close());
afterAll(removeFolders);

const look = async (from: number, params: object = {}, hours = 1) =>
	await service.look(
		store,
		{
			model: 'churn',
			alias: 'champion',
			segments: [],
			from: new Date(from).toISOString(),
			until: new Date(from + hours * HOUR).toISOString(),
		},
		service.params.parse(params),
		silentContext(),
	);
const one = (findings: readonly Finding[], about: string): Finding => findings.find((finding) => finding.about === about)!;
/** A working day of people whose clock is so many hours ahead of UTC. */
const office = (at: number, ahead: number): Hour => {
	const local = new Date(at + ahead * HOUR);
	const hour = local.getUTCHours();
	return { answers: [0, 6].includes(local.getUTCDay()) ? 0 : hour >= 8 && hour < 18 ? 60 : 1 };
};

describe('watch Service', () => {
	it('a new model: errors count from the first hour on, what is usual is said not to be known', async () => {
		await answer(store, MONDAY, 1, () => ({ answers: 40, errors: 30 }));
		const { findings, notes, rows, versions, waiting } = await look(MONDAY);
		expect([rows, versions, waiting]).toEqual([40, [1], undefined]);
		expect(notes.map(({ code }) => code)).toEqual(['usual_unknown']);
		expect(one(findings, 'errors')).toMatchObject({ value: 0.75 });
		expect(one(findings, 'errors').pValue).toBeLessThan(1e-20);
	});

	it('looks at one alias, or at one version, where that is asked; who names a version alone counts for the champion', async () => {
		await answer(store, MONDAY, 1, () => ({ answers: 40 }));
		await answer(store, MONDAY, 1, () => ({ answers: 30, errors: 30, alias: 'trial', version: 2 }));
		await answer(store, MONDAY, 1, () => ({ answers: 20, alias: undefined, version: 3 }));
		const hour = { model: 'churn', segments: [], from: new Date(MONDAY).toISOString(), until: new Date(MONDAY + HOUR).toISOString() };
		const rows = async (whose: object) =>
			(await service.look(store, { ...hour, ...whose }, service.params.parse({}), silentContext())).rows;
		expect(await Promise.all([{}, { alias: 'champion' }, { alias: 'trial' }, { versions: [2] }, { versions: [1, 3] }].map(rows))).toEqual([
			90, 60, 30, 30, 60,
		]);
	});

	it('says how long a version has been there, of an alias since it points to it, of a version since it was registered', async () => {
		await answer(store, MONDAY, 1, () => ({ answers: 40 }));
		const later = new Date(Date.now() + 10 * DAY);
		const span = { from: new Date(later.getTime() - HOUR).toISOString(), until: later.toISOString() };
		for (const whose of [{ alias: 'champion' }, { versions: [1] }]) {
			const { findings } = await service.look(
				store,
				{ model: 'churn', segments: [], ...whose, ...span },
				service.params.parse({ max_age_days: 5 }),
				silentContext(),
			);
			expect(one(findings, 'version_age')).toMatchObject({
				unit: 'days',
				why: expect.stringMatching(/^Version 1 is 10\sdays old; 5 are allowed\.$/) as string,
			});
		}
	});

	it('nobody ever asked it: there is nothing to judge', async () => {
		expect(await look(MONDAY)).toMatchObject({ rows: 0, waiting: 'Nobody asked it, and what is usual is not known yet.' });
	});

	it('silence at an hour that is never silent, not at one that always is', async () => {
		await answer(store, MONDAY, 35 * 24 + 9, (at) => office(at, 0));
		const [workday, weekend, night] = await Promise.all([
			look(MONDAY + 35 * DAY + 10 * HOUR),
			look(MONDAY + 33 * DAY + 10 * HOUR),
			look(MONDAY + 34 * DAY + 3 * HOUR),
		]);
		expect(one(workday.findings, 'missing_traffic')).toMatchObject({ value: 1 });
		expect(one(workday.findings, 'missing_traffic').pValue).toBeLessThan(1e-8);
		for (const quiet of [weekend, night]) expect(one(quiet.findings, 'missing_traffic').pValue).toBeGreaterThan(0.01);
	});

	it('callers whose clocks changed come an hour later: that is no loss', async () => {
		// Summer time ends; in UTC their day begins an hour later from then on.
		await answer(store, MONDAY, 36 * 24, (at) => office(at, at < MONDAY + 35 * DAY ? 2 : 1));
		for (let hour = 5; hour < 18; hour++)
			expect(one((await look(MONDAY + 35 * DAY + hour * HOUR)).findings, 'missing_traffic').pValue).toBeGreaterThan(1e-3);
	});

	it('slower than usual, and a little slower', async () => {
		await answer(store, MONDAY, 4 * 24 + 2, (_, h) => ({ ms: h === 4 * 24 ? 40 : h === 4 * 24 + 1 ? 6 : 5 + (h % 3) / 4 }));
		const slow = one((await look(MONDAY + 4 * DAY)).findings, 'latency_p99');
		expect(slow.value! / slow.reference!).toBeGreaterThan(5);
		expect(slow.pValue).toBeLessThan(1e-8);
		expect(one((await look(MONDAY + 4 * DAY + HOUR)).findings, 'latency_p99').pValue).toBeGreaterThan(0.1);
	});

	it('limits that somebody set hold whatever is usual; ages count where there is a limit', async () => {
		await answer(store, MONDAY, 1, () => ({ answers: 100, errors: 3, ms: 200 }));
		const { findings } = await look(MONDAY, { max_ms: 100, max_error_share: 0.02, max_age_days: 1 });
		expect(one(findings, 'errors').why).toBe(
			'3 % of the rows have no answer; 2 % are allowed.'.replaceAll(
				' %',
				one(findings, 'errors').why!.includes('3\u00a0%') ? '\u00a0%' : ' %',
			),
		);
		expect(one(findings, 'latency_p99').why).toMatch(/^One answer in a hundred takes longer than .* ms are allowed\.$/);
		const later = await look(Date.now() + 10 * DAY, { max_age_days: 1 });
		expect(one(later.findings, 'version_age').why).toMatch(/^Version 1 is .*10.days old; 1 are allowed\.$/);
		expect(one((await look(Date.now() + 10 * DAY)).findings, 'version_age')).toMatchObject({ weight: 0 });
	});
});
