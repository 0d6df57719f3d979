import { appendFile, chmod } from 'node:fs/promises';
import { tellTruth } from '../../lib/app/truth.js';
import { truthReaderOf } from '../../lib/app/truthReader.js';
import { truthPairs } from '../../lib/app/truthPairs.js';
import { silentContext } from '../../lib/domain/progress.js';
import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { freshFolder, removeFolders } from '../store/records.js';
import { deployed, patients, row, type Deployed } from './truthModels.js';

let store: Store;
let first: Deployed;
let second: Deployed;
beforeAll(async () => {
	store = await openStore({ kind: 'folder', home: await freshFolder() });
	first = await deployed(store, 'illness', patients(200, ['no', 'yes']));
	second = await deployed(store, 'illness', patients(200, ['no', 'yes'], 2));
}, 60_000);
afterAll(async () => {
	await store.close();
	await removeFolders();
});

const startedAt = new Date(Date.now() - 3_600_000).toISOString();
const rollout = { id: 'rollout-1', model: 'illness', startedAt };
const tell = async (truths: unknown[]) => await tellTruth({ store, context: silentContext() }, { truths, by: 'a test' });
const answer = async (id: string, arm: string, score: number, more: object = {}): Promise<void> => {
	const { digest, version } = arm.endsWith('-2') ? second : first;
	await store.logPredictions([
		{
			at: new Date(Date.now() - 60_000).toISOString(),
			model: `illness@${version}`,
			digest,
			requestId: id,
			input: row(score),
			prediction: 'yes',
			score: [score],
			rollout: 'rollout-1',
			arm,
			...more,
		},
	]);
};

it('gives each answer of a rollout once, with the arm that gave it and its truth, as the truths are told', async () => {
	await answer('a', 'stable', 0.2);
	await answer('b', 'candidate-2', 0.7, { key: 'bert' });
	await answer('c', 'stable', 0.4);
	await answer('d', 'stable', 0.9, { rollout: undefined, arm: undefined });
	await answer('e', 'stable', 0.9, { at: new Date(Date.parse(startedAt) - 1).toISOString() });
	expect((await truthPairs(store, rollout)).pairs).toEqual([]);
	await tell([{ key: 'bert', truth: true }, ...['a', 'd', 'e'].map((id) => ({ id, truth: 'no' }))]);
	const one = await truthPairs(store, rollout);
	expect(
		one.pairs
			.map(({ id, arm, version, score, truth, code }) => ({ id, arm, version, score, truth, code }))
			.sort((x, y) => (x.id < y.id ? -1 : 1)),
	).toEqual([
		{ id: 'a', arm: 'stable', version: 1, score: [0.2], truth: 'no', code: 0 },
		{ id: 'b', arm: 'candidate-2', version: 2, score: [0.7], truth: 'yes', code: 1 },
	]);
	expect(one.pairs.find(({ id }) => id === 'b')).toMatchObject({ key: 'bert' });
	// Nothing new, then one more; a correction comes by none, but is counted.
	const two = await truthPairs(store, rollout, one.cursor);
	expect(two.pairs).toEqual([]);
	await tell([
		{ id: 'c', truth: 'maybe' },
		{ id: 'a', truth: 'yes' },
	]);
	const three = await truthPairs(store, rollout, JSON.parse(JSON.stringify(two.cursor)) as typeof two.cursor);
	expect(three.pairs).toMatchObject([{ id: 'c', truth: 'maybe', code: Number.NaN }]);
	expect(three.corrected).toBe(1);
	expect((await truthPairs(store, rollout)).pairs.map(({ id, truth }) => [id, truth])).toEqual(expect.arrayContaining([['a', 'yes']]));
});

const record = {
	...rollout,
	kind: 'canary' as const,
	alias: 'champion',
	stable: 1,
	candidates: [{ version: 2, share: 0.5 }],
	state: 'running' as const,
	steps: [],
	step: 0,
	stepSince: startedAt,
	startedBy: 'test',
};

it('a reader judges the arms by what came back, and reads on', async () => {
	const reader = (await truthReaderOf(store, record))!;
	await reader.read();
	const before = reader.truths.size;
	for (let i = 0; i < 20; i++) await answer(`more ${i}`, i % 2 ? 'candidate-2' : 'stable', (i % 7) / 7);
	await reader.read();
	expect(reader.truths.size).toBe(before);
	await tell(Array.from({ length: 20 }, (_, i) => ({ id: `more ${i}`, truth: i % 7 > 2 ? 'yes' : 'no' })));
	await reader.read();
	await reader.read();
	expect(reader.truths.size).toBe(before + 20);
	const { metric, arms } = reader.truths.quality();
	expect(metric.id).toBe('auc');
	// With the best order there is in the candidate's own answers.
	expect(arms['candidate-2'].n).toBe(11);
});

it('an arm whose file was altered is not judged, and what is known of the others is still told', async () => {
	const path = await store.artifacts.materialise(second.digest);
	await chmod(path, 0o644);
	await appendFile(path, 'x');
	const reader = (await truthReaderOf(store, record))!;
	await reader.read();
	expect(Object.keys(reader.truths.quality().arms)).toEqual(['stable']);
	// Of a stable version that cannot be read there is nothing to compare with.
	expect(await truthReaderOf(store, { ...record, stable: 2, candidates: [{ version: 1, share: 0.5 }] })).toBeUndefined();
});
