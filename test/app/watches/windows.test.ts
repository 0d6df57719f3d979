import { windowsIn } from '../../../lib/app/watches/windows.js';
import type { Store } from '../../../lib/store/contract.js';
import { openStore } from '../../../lib/store/openStore.js';
import { freshFolder, removeFolders } from '../../store/records.js';

let store: Store;
beforeAll(async () => {
	store = await openStore({ kind: 'folder', home: await freshFolder() });
});
afterAll(async () => {
	await store.close();
	await removeFolders();
});

const model = { model: 'churn', segments: [] };
const days = { by: 'time' as const, hours: 24 };

it('days are those of UTC, also where clocks change; what is cut at the ends is as long as it is', async () => {
	// In Europe 29 March 2026 has 23 hours, in the United States 1 November 25.
	for (const month of ['2026-03-28', '2026-10-31']) {
		const from = `${month}T18:00:00.000Z`;
		const until = new Date(Date.parse(from) + 3 * 86_400_000).toISOString();
		const windows = await windowsIn(store, model, { from, until }, days);
		expect(windows.map((w) => (Date.parse(w.until) - Date.parse(w.from)) / 3_600_000)).toEqual([6, 24, 24, 18]);
		expect(windows.slice(1).every((w, i) => w.from === windows[i].until && w.from.endsWith('T00:00:00.000Z'))).toBe(true);
	}
	// Moments with an offset are the same moments.
	const [first] = await windowsIn(store, model, { from: '2026-03-29T01:30:00+02:00', until: '2026-03-29T02:00:00.000Z' }, days);
	expect(first).toEqual({ from: '2026-03-28T23:30:00.000Z', until: '2026-03-29T00:00:00.000Z' });
});

it('weeks begin on Mondays, and nobody looks at more than a thousand windows', async () => {
	const weeks = await windowsIn(
		store,
		model,
		{ from: '2026-11-01T00:00:00.000Z', until: '2026-11-15T00:00:00.000Z' },
		{ by: 'time', hours: 168 },
	);
	expect(weeks.map(({ from }) => from.slice(0, 10))).toEqual(['2026-11-01', '2026-11-02', '2026-11-09']);
	await expect(
		windowsIn(store, model, { from: '2020-01-01T00:00:00.000Z', until: '2026-01-01T00:00:00.000Z' }, days),
	).rejects.toMatchObject({ code: 'input.invalid', message: expect.stringContaining('1,000') });
	await expect(windowsIn(store, model, { from: '2026-01-02T00:00:00.000Z', until: '2026-01-01T00:00:00.000Z' }, days)).rejects.toThrow(
		'ends before',
	);
});

it('windows of so many answers hold that many, and the last one what is left', async () => {
	const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1) + minute * 60_000).toISOString();
	await store.logPredictions(
		Array.from({ length: 25 }, (_, i) => ({
			at: at(i),
			model: 'churn@1',
			digest: 'd',
			requestId: `a${i}`,
			input: {},
			prediction: 'yes',
			score: [0.5],
			...(i === 3 ? { error: 'The row lacks the column "x".' } : i === 4 ? { arm: 'shadow-2' } : {}),
		})),
	);
	const span = { from: at(0), until: at(100) };
	const windows = await windowsIn(store, model, span, { by: 'rows', rows: 10 });
	// Failed answers and shadows are none that count.
	expect(windows.map(({ until }) => until).slice(0, -1)).toEqual([at(11), at(21)].map((t) => new Date(Date.parse(t) + 1).toISOString()));
	expect(windows.at(-1)!.until).toBe(span.until);
	expect(await windowsIn(store, model, span, { by: 'rows', rows: 23 })).toEqual([span]);
	expect(await windowsIn(store, model, span, undefined)).toEqual([span]);
});
