import { setTimeout as sleep } from 'node:timers/promises';
import { armOf } from '../../lib/serve/rollout/arm.js';
import type { Division } from '../../lib/domain/rollout.js';
import type { Store } from '../../lib/store/contract.js';
import { removeFolders } from '../store/records.js';
import { addRollout, ask, fruitStore, ROW, startServe, type Loose, type Served } from './served.js';

const DIVISION: Division = {
	id: 'half',
	kind: 'ab',
	alias: 'champion',
	stable: 1,
	candidates: [{ version: 2, share: 0.5 }],
	key: 'colour',
};
let store: Store;
let server: Served;
beforeAll(async () => {
	const made = await fruitStore(2);
	store = made.store;
	await addRollout(store, DIVISION);
	server = await startServe(made.home);
});
afterAll(async () => {
	await server.stop();
	await store.close();
	await removeFolders();
});
/** By an arm: a server that has not come to look at its store for two seconds gives nobody a candidate, which may be so on a busy machine. */
async function predict(body: unknown, path = 'predict'): Promise<Loose> {
	for (;;) {
		const { body: got } = await ask(`${server.url}/v1/models/fruit/${path}`, body);
		if (path !== 'predict' || got.rollout !== undefined) return got;
		await sleep(50);
	}
}

describe('arms of a rollout', () => {
	it("stick to the caller's key, whatever listener answers", async () => {
		for (const key of ['ana', 'bo', 'cem', 'dana', 'eva', 'finn']) {
			const right = armOf(DIVISION, key);
			for (let i = 0; i < 4; i++)
				expect(await predict({ row: ROW, key })).toMatchObject({ rollout: 'half', arm: right.arm, version: right.version, model: 'fruit' });
		}
	});

	it('are those of each row, where rows are about several callers', async () => {
		const keys = ['ana', 'bo', 'cem', 'dana', 'eva', 'finn', 'gil', 'hana'];
		const rows = keys.map((_, i) => ({ ...ROW, weight: i }));
		const got = await predict({ rows, keys });
		const answers = got.answers as unknown as Loose[];
		expect(answers.map(({ version, arm }) => ({ version, arm }))).toEqual(
			keys.map((key) => ({ version: armOf(DIVISION, key).version, arm: armOf(DIVISION, key).arm })),
		);
		expect(answers.map(({ id }) => id)).toEqual(keys.map((_, i) => `${String(got.requestId)}-${i}`));
		expect(new Set(answers.map(({ version }) => version)).size).toBe(2);
		for (const [i, version] of answers.map(({ version }) => version).entries()) {
			const alone = await predict({ row: rows[i] }, `versions/${String(version)}/predict`);
			expect(answers[i].probability).toBe(alone.probability);
		}
	});

	it('follow the column that the rollout names, where no key is given', async () => {
		const got = await predict({ rows: ['red', 'green', 'blue'].map((colour) => ({ ...ROW, colour })) });
		const arms = ['red', 'green', 'blue'].map((colour) => armOf(DIVISION, colour).arm);
		const answers = got.answers as unknown as Loose[];
		expect(answers.map(({ arm }) => arm ?? got.arm)).toEqual(arms);
	});

	it('are those of its own id for a row about nobody: an empty cell or key names none', async () => {
		const rows = Array.from({ length: 8 }, () => ({ ...ROW, colour: '' }));
		const answers = (await predict({ rows, keys: rows.map(() => '') })).answers as unknown as Array<{ id: string; arm?: string }>;
		const arms = answers.map(({ id }) => armOf(DIVISION, id).arm);
		// Where all of them fall on one side that is told once, beside them.
		if (answers[0].arm !== undefined) expect(answers.map(({ arm }) => arm)).toEqual(arms);
		else expect(new Set(arms).size).toBe(1);
	});

	it.each([
		['/invocations', (rows: object[]) => ({ dataframe_records: rows })],
		['/v1/models/fruit:predict', (rows: object[]) => ({ instances: rows })],
		[
			'/v2/models/fruit/infer',
			(rows: object[]) => ({
				inputs: (['weight', 'days', 'colour', 'ripe'] as const).map((name) => ({
					name,
					shape: [rows.length],
					datatype: { weight: 'FP64', days: 'INT64', colour: 'BYTES', ripe: 'BOOL' }[name],
					data: rows.map((row) => (row as typeof ROW)[name]),
				})),
			}),
		],
	])('that answered some of the rows of one request are all named: %s', async (path, body) => {
		const rows = ['red', 'green', 'blue', 'black', 'white', 'pink'].map((colour) => ({ ...ROW, colour }));
		const arms = rows.map(({ colour }) => armOf(DIVISION, colour));
		const named = (one: 'version' | 'arm') => [...new Set(arms.map((arm) => String(arm[one])))].sort();
		expect(named('version')).toEqual(['1', '2']);
		const { status, headers, body: got } = await ask(`${server.url}${path}`, body(rows));
		const said = (name: string) => headers.get(`x-mlops-${name}`)?.split(',').sort();
		expect([status, said('version'), said('arm')]).toEqual([200, named('version'), named('arm')]);
		if (path.startsWith('/v2')) expect(String(got.model_version).split(',').sort()).toEqual(['1', '2']);
	});

	it('are not asked of who wants a version', async () => {
		expect(await predict({ row: ROW, key: 'ana' }, 'versions/1/predict')).not.toHaveProperty('arm');
	});
});
