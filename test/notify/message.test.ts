import { composeMessage } from '../../lib/notify/composeMessage';

const dataset = {
	kind: 'mlops.dataset',
	v: 1,
	storeId: 's',
	id: 'd',
	name: 'flights',
	version: 2,
	rows: 3_000_000,
	columnCount: 5,
	columns: [],
	target: 'late',
	task: 'binary',
};
const run = {
	id: 'r',
	learner: 'gradientBoosting',
	params: {},
	metrics: { auc: 0.71 },
	primary: 'auc',
	seconds: 143,
	backend: 'own',
	reused: false,
	rows: { train: 2_200_000, validation: 240_000, test: 512_344 },
	notes: [],
};
const evaluation = {
	id: 'e',
	rows: 512_344,
	primary: 'auc',
	metrics: { auc: 0.7021 },
	baseline: { auc: 0.5 },
	gate: { passed: false, reasons: [{ passed: false, text: 'AUC is 0.702, at least 0.75 was asked for.' }] },
	reused: false,
};
const drift = {
	id: 'x',
	drifted: true,
	driftedColumns: ['distance', 'origin'],
	share: 0.5,
	mode: 'default',
	summary: 'Half of the columns changed.',
	scores: {},
	rows: { reference: 1, current: 2 },
};

const watched = {
	watch: 'quality' as const,
	model: 'late',
	drifted: true,
	verdict: 'alarm' as const,
	summary: 'Ranking quality (AUC) has not been as before since 21 March.',
	since: '2026-03-21T00:00:00.000Z',
	windows: [
		{ from: '2026-03-21T00:00:00.000Z', until: '2026-03-22T00:00:00.000Z', verdict: 'alarm' as const, rows: 400, known: 300, summary: '' },
	],
	findings: [{ about: 'auc', value: 0.66, why: 'AUC is 0.66, where the test rows gave 0.77' }],
	notes: [],
};

describe('composeMessage', () => {
	it('says of what was watched what is out of order, since when, and how much of the truth is known', () => {
		const m = composeMessage({ dataset, watched });
		expect(m).toMatchObject({ title: 'Quality of late: not as it should be', severity: 'warning' });
		expect(m.text).toBe(
			'Ranking quality (AUC) has not been as before since 21 March.\n✗ AUC is 0.66, where the test rows gave 0.77\n' +
				'Since 21 Mar 2026, 00:00\u00a0UTC.\nThe truth of 75\u00a0% of 400\u00a0answers is known.',
		);
		expect(m.facts).toContainEqual({ label: 'Quality', value: 'not as it should be' });
		const waits = composeMessage({ watched: { ...watched, drifted: false, verdict: 'waiting', findings: [] } });
		expect(waits).toMatchObject({ title: 'Quality of late: not known yet', severity: 'info' });
	});

	it('speaks about the newest part and tells the others as facts', () => {
		const m = composeMessage({ dataset, run, evaluation });
		expect(m.title).toBe('The model for “late” did not pass its checks');
		expect(m.severity).toBe('error');
		expect(m.text).toContain('at least 0.75 was asked for');
		expect(m.facts).toContainEqual({ label: 'Data', value: 'flights version 2, 3,000,000\u00a0rows' });
		expect(m.facts).toContainEqual({ label: 'Checks', value: 'failed' });
	});

	it.each([
		[{ dataset }, /Dataset flights version 2 is ready/, 'info'],
		[{ dataset, run }, /was trained/, 'success'],
		[{ dataset, drift }, /drifted: distance and origin/, 'warning'],
		[{ drift: { ...drift, drifted: false } }, /stable/, 'success'],
		[{ evaluation: { ...evaluation, gate: { passed: true, reasons: [] } } }, /passed its checks/, 'success'],
		[
			{ evaluation: { ...evaluation, gate: { passed: false, refused: true, reasons: [{ passed: false, text: 'Too few.' }] } } },
			/could not be judged/,
			'warning',
		],
		[
			{
				deployment: {
					model: 'late',
					version: 4,
					alias: 'champion',
					previousVersion: 3,
					moved: true,
					preview: false,
					overridden: false,
					text: 'Done.',
				},
			},
			/late version 4 is now champion/,
			'success',
		],
		[{ predictions: { model: 'late', version: 4, rows: 10, failed: 2, seconds: 1 } }, /10\u00a0predictions by late version 4/, 'warning'],
		[{ dataset, approval: { id: 'a', status: 'rejected', by: 'Dana', comment: 'Not yet' } }, /Rejected: the model for “late”/, 'warning'],
	])('reads %#', (item, title, severity) => {
		const m = composeMessage(item);
		expect(m.title).toMatch(title);
		expect(m.severity).toBe(severity);
	});

	it('takes a person’s own words when given', () => {
		expect(composeMessage({ dataset }, { title: 'Hello', text: ' ' })).toMatchObject({
			title: 'Hello',
			text: expect.stringContaining('3,000,000'),
		});
	});

	it('does not take a user’s own columns for ours', () => {
		const m = composeMessage({ model: 'Volvo', prediction: 0.3, drift: 'left' });
		expect(m.title).toBe('A message from your workflow');
		expect(m.facts).toEqual([
			{ label: 'model', value: 'Volvo' },
			{ label: 'prediction', value: '0.3' },
			{ label: 'drift', value: 'left' },
		]);
	});

	it('has something to say about an empty item', () => {
		expect(composeMessage({})).toMatchObject({ title: 'A message from your workflow', facts: [] });
	});
});

test('an evaluation says which rows it judged, and whether they were enough', () => {
	const gate = {
		passed: false,
		refused: true,
		judged: '40 rows of orchard version 1, none seen in training.',
		reasons: [{ passed: false, text: 'Only 1 of "yes".' }],
	};
	const { text, facts } = composeMessage({ evaluation: { ...evaluation, gate } });
	expect(text).toContain('Judged on 40 rows of orchard version 1, none seen in training.');
	expect(text).toContain('… Only 1 of "yes".');
	expect(facts).toContainEqual({ label: 'Checks', value: 'could not be judged' });
});
