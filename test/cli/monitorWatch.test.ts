import { tellTruth } from '../../lib/app/truth.js';
import { silentContext } from '../../lib/domain/progress.js';
import { mulberry32 } from '../../lib/domain/random.js';
import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { deployed, patients, row, type Deployed } from '../app/truthModels.js';
import { freshFolder, removeFolders } from '../store/records.js';
import { mlops } from './program.js';

let home: string;
let store: Store;
let model: Deployed;
beforeAll(async () => {
	home = await freshFolder();
	store = await openStore({ kind: 'folder', home });
	model = await deployed(store, 'illness', patients(400, ['no', 'yes']));
}, 60_000);
afterAll(async () => {
	await store.close();
	await removeFolders();
});

/** Answers of a day in March 2026, and what turned out to be true: what the marker says, or the contrary. */
async function answered(day: number, right: boolean): Promise<void> {
	const random = mulberry32(day);
	const answers = Array.from({ length: 200 }, (_, i) => ({ id: `${day}-${i}`, score: random() }));
	await store.logPredictions(
		answers.map(({ id, score }, i) => ({
			...{ at: new Date(Date.UTC(2026, 2, day) + i * 60_000).toISOString(), model: `illness@${model.version}`, digest: model.digest },
			...{ requestId: id, input: row(score), prediction: score >= 0.5 ? 'yes' : 'no', score: [score], alias: 'champion' },
		})),
	);
	const truths = answers.map(({ id, score }) => ({ id, truth: random() < score === right ? 'yes' : 'no' }));
	await tellTruth({ store, context: silentContext() }, { truths, by: 'a test' });
}

it('mlops monitor --watch quality says whether answers were as good as on the test rows, and ends with 3 where they were not', async () => {
	await answered(1, true);
	await answered(2, false);
	const asked = async (until: string, ...more: string[]) =>
		await mlops(
			['monitor', 'illness', '--watch', 'quality', '--window', 'day', '--from', '2026-03-01', '--until', until, '--json', ...more],
			{
				home,
			},
		);
	const good = await asked('2026-03-02');
	expect(good.exit).toBe(0);
	expect(JSON.parse(good.stdout)).toMatchObject({
		watched: { watch: 'quality', drifted: false, windows: [{ rows: 200, known: 200, verdict: 'ok' }] },
	});
	const bad = await asked('2026-03-03');
	expect(bad.exit).toBe(3);
	expect(JSON.parse(bad.stdout)).toMatchObject({
		watched: { drifted: true, since: '2026-03-02T00:00:00.000Z', windows: [{ verdict: 'ok' }, { verdict: 'alarm' }] },
	});
	expect(await asked('2026-03-03', '--metric', 'taste')).toMatchObject({ exit: 1, stderr: expect.stringContaining('taste') as string });
}, 120_000);
