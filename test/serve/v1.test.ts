import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { loadFrame } from '../../lib/data/loadFrame.js';
import { MlopsError } from '../../lib/domain/errors.js';
import { loadModel } from '../../lib/learn/score.js';
import { createPredictor } from '../../lib/serve/predictor.js';
import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { unpackStore, v1 } from '../fixtures/v1/open.js';

/** Models that people have: each answers as the version that trained it did, to the last bit, and refuses what that version refused. */
const { packages } = v1();
const home = unpackStore();
let store: Store;
beforeAll(async () => {
	store = await openStore({ kind: 'folder', home });
});
afterAll(async () => {
	await store.close();
	rmSync(home, { recursive: true });
});

it('are of every learner and task', () => {
	expect(packages).toHaveLength(19);
	expect(packages.flatMap((p) => p.rows).filter((r) => r.error).length).toBeGreaterThan(packages.length * 4);
});

describe.each(packages)('$name', ({ digest, dataset, scores, rows }) => {
	it('answers single rows as it did', async () => {
		const predictor = await createPredictor(await store.artifacts.get(digest), digest);
		expect(predictor.manifest.v).toBe(1);
		for (const { row, answer, error } of rows) {
			if (error) expect([row, thrownBy(() => predictor.answer(row, 3))]).toEqual([row, error.code]);
			else {
				const now = predictor.answer(row, 3);
				const same = Object.fromEntries(Object.keys(answer!).map((key) => [key, now[key as keyof typeof now]]));
				expect([row, same]).toEqual([row, answer]);
			}
		}
	});

	it('scores a whole dataset as it did', async () => {
		const { body } = await store.get('dataset', dataset);
		const frame = await loadFrame(await store.artifacts.materialise(body.data), { schema: body.columns });
		const now = await (await loadModel(await store.artifacts.get(digest))).scoreFrame(frame);
		expect(createHash('sha256').update(Buffer.from(now.buffer)).digest('hex')).toBe(scores);
	});
});

function thrownBy(work: () => unknown): string {
	try {
		work();
	} catch (error) {
		return MlopsError.from(error).code;
	}
	return 'answered';
}
