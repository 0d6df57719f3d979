import { readFileSync } from 'node:fs';
import path from 'node:path';
import { tellTruth } from '../../lib/app/truth.js';
import { truthsOfLines } from '../../lib/app/truthFile.js';
import { withDuck } from '../../lib/data/duck.js';
import { tableWithTruth } from '../../lib/data/truth/resolve.js';
import { silentContext } from '../../lib/domain/progress.js';
import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { deployed, patients, row, type Deployed } from '../app/truthModels.js';
import { freshFolder, removeFolders } from '../store/records.js';

/** One entry of truth/cases.json: answers, what is told of them, and what is known then, by their ids. */
interface TruthCase {
	title: string;
	/** Whose labels are no and yes, 0 and 1, or false and true. */
	model: 'words' | 'numbers' | 'flags';
	answers: Array<{ id: string; key?: string; request?: string; at?: string /** Comes after the truth. */; after?: boolean }>;
	/** Rows, or lines of JSON. */
	truths: unknown[] | string;
	gaps?: boolean;
	counts: Record<string, number>;
	/** By id, or `id at TIME` where several have one. */
	known: Record<string, unknown>;
}

const cases = JSON.parse(readFileSync(path.join(__dirname, 'truth', 'cases.json'), 'utf8')) as TruthCase[];
let store: Store;
let models: Record<TruthCase['model'], Deployed>;
beforeAll(async () => {
	store = await openStore({ kind: 'folder', home: await freshFolder() });
	models = {
		words: await deployed(store, 'words', patients(200, ['no', 'yes'])),
		numbers: await deployed(store, 'numbers', patients(200, [0, 1])),
		flags: await deployed(store, 'flags', patients(200, 'boolean')),
	};
}, 60_000);
afterAll(async () => {
	await store.close();
	await removeFolders();
});

it.each(cases.map((c, i) => [c.title, c, i] as const))('%s', async (_title, { model, answers, truths, gaps, counts, known }, number) => {
	const { digest, version, name } = models[model];
	// Cases share a log: their ids and keys are their own.
	const own = `case ${number} `;
	// Digits stay digits: what is a number and what is a text is the point there.
	const keyed = <T>(key: T): T | string => (/^\d+$/.test(String(key)) ? key : own + String(key));
	const log = async (after: boolean): Promise<void> =>
		await store.logPredictions(
			answers
				.filter((a) => Boolean(a.after) === after)
				.map(({ id, key, request, at }) => ({
					at: at ?? new Date().toISOString(),
					model: `${name}@${version}`,
					digest,
					requestId: own + id,
					input: row(0.5),
					prediction: 'no',
					score: [0.5],
					...(key === undefined ? {} : { key: keyed(key) }),
					...(request === undefined ? {} : { request: own + request }),
				})),
		);
	await log(false);
	const given = typeof truths === 'string' ? [...truthsOfLines(truths)] : truths;
	const ours = given.map((one) => {
		if (typeof one !== 'object' || one === null || !('id' in one || 'key' in one)) return one;
		const { id, key } = one as { id?: string; key?: string };
		return { ...one, ...(id === undefined ? {} : { id: own + id }), ...(key === undefined ? {} : { key: keyed(key) }) };
	});
	const told = await tellTruth({ store, context: silentContext() }, { truths: ours, by: 'a test', gaps });
	await log(true);
	const { rows, taken, same, corrected, unknown, empty, refused } = told;
	const none = { taken: 0, same: 0, corrected: 0, unknown: 0, empty: 0, refused: 0 };
	expect({ rows, taken, same, corrected, unknown, empty, refused }).toEqual({ rows: given.length, ...none, ...counts });
	const found = await withDuck({}, async (duck) => {
		await tableWithTruth(duck, store.log, 'found', { model: name });
		return await duck.rows<{ id: string; at: string; truth: string | null }>('SELECT id, "at", truth FROM found');
	});
	const truthOf = (id: string): unknown => {
		const [, bare, at] = /^(.*?)(?: at (.*))?$/.exec(id)!;
		const answer = found.find((a) => a.id === own + bare && (at === undefined || a.at === at));
		return answer && (answer.truth === null ? null : (JSON.parse(answer.truth) as unknown));
	};
	expect(Object.fromEntries(Object.keys(known).map((id) => [id, truthOf(id)]))).toEqual(known);
});
