import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { evaluateJob } from '../../lib/app/jobs/evaluateJob';
import { monitorJob } from '../../lib/app/jobs/monitorJob';
import { trainJob } from '../../lib/app/jobs/trainJob';
import type { JobContext } from '../../lib/compute/contract';
import { KEPT_ROWS } from '../../lib/data/derived';
import type { Frame } from '../../lib/data/frame';
import { writeFrame } from '../../lib/data/writeFrame';
import { WISH, wish } from '../../lib/domain/cancel';
import type { ColumnSchema } from '../../lib/domain/column';
import type { Progress } from '../../lib/domain/progress';
import { murmurTwice } from '../../lib/domain/random';
import { splitParams } from '../../lib/domain/split';
import { driftParams } from '../../lib/monitor/driftParams';
import type { Store } from '../../lib/store/contract';
import { openStore } from '../../lib/store/openStore';
import { frameContent, frameOf } from '../data/frames';
import { taskContext } from '../learn/penguins';
import { freshFolder, removeFolders } from '../store/records';

const DAY = 86_400_000;
/** More than one part, and longer than columns that are kept once they were read. */
const MANY = KEPT_ROWS + 5_000;

/**
 * Orders of half a year. `other`: as another program wrote them, with the amount as text, words for "missing", a shop that nobody knows and
 * answers that are not known yet.
 */
function orders(rows: number, seed: number, other = false): Frame {
	const random = murmurTwice(seed);
	const at = Array.from({ length: rows }, () => ({
		amount: Math.round(random() * 20_000) / 100,
		shop: Math.floor(random() * 9),
		noise: random(),
		day: Math.floor(random() * 180),
	}));
	const schema: ColumnSchema[] = [
		{ name: 'order', type: 'integer', role: 'id' },
		{ name: 'amount', type: other ? 'category' : 'number', role: 'feature' },
		{ name: 'shop', type: 'category', role: 'feature' },
		{ name: 'express', type: 'boolean', role: 'feature' },
		{ name: 'placed', type: 'datetime', role: 'time' },
		{ name: 'late', type: 'category', role: 'target' },
	];
	return frameOf(schema, {
		order: at.map((_, i) => seed * 1_000_000 + i),
		amount: at.map(({ amount, noise }) => (noise < 0.04 ? (other ? 'n/a' : null) : other ? String(amount) : amount)),
		shop: at.map(({ shop, noise }) => (other && noise > 0.97 ? 'new' : other && noise > 0.94 ? 'NA' : `shop ${shop}`)),
		express: at.map(({ noise }) => Number(noise > 0.5)),
		placed: at.map(({ day }) => Date.UTC(2026, 0, 1) + day * DAY),
		late: at.map(({ amount, shop, noise }, i) => (other && i % 50 === 0 ? null : amount / 200 + shop / 9 + noise > 1.5 ? 'yes' : 'no')),
	});
}

let store: Store;
let home: string;
let runs: { plain: string; champion: string };
let data: { learned: string; many: string; other: string };

async function add(name: string, frame: Frame): Promise<string> {
	const path = await store.artifacts.temporary('parquet');
	await writeFrame(frame, path);
	const { digest } = await store.artifacts.putFile(path);
	const body = {
		name,
		rows: frame.rows,
		columns: [...frame.schema],
		content: frameContent(frame),
		data: digest,
		quarantined: 0,
		source: { type: 'items' as const, description: 'test' },
	};
	return (await store.add('dataset', name, body, { parents: [] })).id;
}

async function trained(datasetId: string, learner: string): Promise<{ id: string; digest: string }> {
	const { run, model } = await trainJob.run(
		{
			store: store.ref,
			datasetId,
			recipe: { steps: [] },
			modelName: 'late',
			runAgain: false,
			spec: {
				target: 'late',
				split: splitParams.parse({ method: 'random' }),
				learner,
				params: learner === 'gradientBoosting' ? { n_estimators: 5 } : {},
				seed: 0,
				crossValidation: 0,
				classWeight: 'none',
				timeBudgetSeconds: 5,
				refit: false,
			},
		},
		taskContext(),
	);
	return { id: run.id, digest: model.digest };
}

beforeAll(async () => {
	home = await freshFolder();
	store = await openStore({ kind: 'folder', home });
	data = {
		learned: await add('orders', orders(3_000, 1)),
		many: await add('more orders', orders(MANY, 2)),
		other: await add('orders of another program', orders(MANY, 3, true)),
	};
	const first = await trained(data.learned, 'logisticRegression');
	runs = { champion: first.id, plain: (await trained(data.learned, 'gradientBoosting')).id };
	const body = { name: 'late', version: 1, digest: first.digest, runId: first.id, tags: {} };
	await store.add('modelVersion', 'late', body, { parents: [first.id] });
	await store.moveAlias('late', 'champion', 1, { actor: 'test' });
}, 120_000);
afterAll(async () => {
	await store.close();
	await removeFolders();
});

/** Contexts of a job that has so much memory that tables lie there, and of one that has hardly any. */
const context = (room: 'memory' | 'file', onProgress: (p: Progress, c: JobContext) => void = () => {}): JobContext => {
	const made: JobContext = {
		...taskContext(),
		memoryBytes: room === 'memory' ? 2 ** 34 : 1,
		progress: (p) => onProgress(p, made),
	};
	return made;
};
const evaluated = async (where: JobContext, more: Partial<Parameters<typeof evaluateJob.run>[0]> = {}) => {
	const { evaluation } = await evaluateJob.run(
		{
			store: store.ref,
			runId: runs.plain,
			modelName: 'late',
			championAlias: 'champion',
			rules: [],
			importance: true,
			datasetId: data.many,
			runAgain: true,
			...more,
		},
		where,
	);
	const { seconds, ...body } = (await store.get('evaluation', evaluation.id)).body;
	expect(seconds).toBeGreaterThan(0);
	return body;
};

describe('an evaluation whose table lies in a file says the same to the bit as in memory', () => {
	it.each([
		[
			'of a dataset with columns as the model knows them',
			() => ({ datasetId: data.many, side: { column: 'placed', period: 'month' as const } }),
		],
		['of one that is read otherwise', () => ({ datasetId: data.other })],
		['of the rows that Train kept apart', () => ({ datasetId: undefined })],
	])(
		'%s',
		async (_, more) => {
			const memory = await evaluated(context('memory'), more());
			const disk = await evaluated(context('file'), more());
			expect(disk).toEqual(memory);
			expect(disk.importance.length).toBeGreaterThan(0);
		},
		120_000,
	);

	it('says how far it is, stops between parts when asked, and leaves no file', async () => {
		const shares: Array<{ stage: string; share: number }> = [];
		await evaluated(
			context('file', (p) => shares.push({ stage: p.stage, share: p.share! })),
			{ importance: false },
		);
		const all = shares.map((p) => p.share);
		expect(all).toEqual([...all].sort((a, b) => a - b));
		const of = (stage: string) => shares.filter((p) => p.stage === stage).map((p) => p.share);
		for (const stage of [`Reading ${MANY.toLocaleString('en')} rows`, `Predicting ${MANY.toLocaleString('en')} rows`]) {
			expect(of(stage).length).toBeGreaterThan(1);
			expect(of(stage)).toEqual([...of(stage)].sort((a, b) => a - b));
		}
		for (const stage of ['Reading', 'Predicting']) {
			let heard = 0;
			const stopping = context('file', (p, own) => {
				if (p.stage.startsWith(`${stage} ${MANY.toLocaleString('en')}`) && ++heard === 2) wish(own.cancelled, WISH.stop);
			});
			await expect(evaluated(stopping, { importance: false })).rejects.toMatchObject({ code: 'compute.cancelled' });
			expect(heard).toBe(2);
		}
		expect((await readdir(join(home, 'tmp'))).filter((name) => name.endsWith('columns'))).toEqual([]);
	}, 120_000);
});

describe('drift of a window whose table lies in a file is the same to the bit as in memory', () => {
	const drift = async (where: JobContext, input: Pick<Parameters<typeof monitorJob.run>[0], 'reference' | 'current' | 'params'>) => {
		const { drift: found } = await monitorJob.run({ store: store.ref, beside: false, ...input }, where);
		const { seconds, ...body } = (await store.get('drift', found.id)).body;
		expect(seconds).toBeGreaterThan(0);
		return body;
	};
	const window = { from: '2026-01-11', until: '2026-06-20' };
	const recipe = {
		steps: [
			{ step: 'filter_rows', version: 1, params: { expression: 'express' } },
			{ step: 'drop_duplicates', version: 1, params: { columns: ['shop', 'amount', 'placed'] } },
		],
	};

	it.each(['default', 'evidently'] as const)(
		'by the mode %s',
		async (mode) => {
			const params = driftParams.parse({ mode });
			const asked = [
				{
					reference: { kind: 'dataset' as const, datasetId: data.many, until: '2026-03-01' },
					current: { kind: 'dataset' as const, datasetId: data.many, from: '2026-03-01', recipe },
				},
				{
					reference: { kind: 'dataset' as const, datasetId: data.many },
					current: { kind: 'dataset' as const, datasetId: data.other, ...window },
				},
				{
					reference: { kind: 'model' as const, runId: runs.plain, name: 'late' },
					current: { kind: 'dataset' as const, datasetId: data.other, ...window },
				},
			];
			for (const one of asked) {
				const memory = await drift(context('memory'), { ...one, params });
				expect(await drift(context('file'), { ...one, params })).toEqual(memory);
				expect(memory.columns.length).toBeGreaterThan(2);
			}
		},
		120_000,
	);
});
