import { withDuck } from '../../../lib/data/duck.js';
import { lookUpTruths, tableWithTruth } from '../../../lib/data/truth/resolve.js';
import type { Store } from '../../../lib/store/contract.js';
import type { AnswerLine, LogKind, SegmentLog, TruthLine } from '../../../lib/store/log/contract.js';
import { openStore } from '../../../lib/store/openStore.js';
import { freshFolder, removeFolders } from '../../store/records.js';

let store: Store;
beforeEach(async () => {
	store = await openStore({ kind: 'folder', home: await freshFolder() });
});
afterEach(async () => await store.close());
afterAll(removeFolders);

const at = (day: number): string => new Date(Date.UTC(2026, 0, day)).toISOString();
async function seal(kind: LogKind, line: AnswerLine | TruthLine): Promise<void> {
	const writer = store.log.writer(kind);
	await writer.append(Buffer.from(`${JSON.stringify(line)}\n`));
	await writer.close({ seal: true });
}
async function fill(): Promise<void> {
	for (const day of [1, 20]) {
		const given = { model: 'churn', version: 1, digest: 'd', input: {}, prediction: 'no', score: [0.4], key: `customer ${day}` };
		await seal('answers', { at: at(day), id: `answer ${day}`, ...given });
		await seal('truth', { at: at(day), id: `answer ${day}`, truth: 'yes', by: 'a test', batch: 'one' });
	}
	while ((await store.log.sealed('answers')).length < 2 || (await store.log.sealed('truth')).length < 2) await store.log.settle();
}
/** A log of which the oldest segments are removed right after somebody was told, for the nth time, where its answers lie. */
function removedAfter(times: number): { log: Pick<SegmentLog, 'relation'>; asked(): number } {
	let asked = 0;
	const relation: SegmentLog['relation'] = async (kind, range) => {
		const found = await store.log.relation(kind, range);
		if (kind === 'answers' && ++asked === times) {
			const days = (Date.now() - Date.parse(at(10))) / 86_400_000;
			expect(await store.log.retain({ days })).toHaveLength(2);
		}
		return found;
	};
	return { log: { relation }, asked: () => asked };
}

it.each([1, 2, 3, 4])('answers that are removed while they are read back are no failure: what is left is read (%s)', async (times) => {
	await fill();
	const { log, asked } = removedAfter(times);
	await withDuck({}, async (duck) => {
		await tableWithTruth(duck, log, 'found', { model: 'churn' });
		const rows = await duck.rows<{ id: string; truth: string }>('SELECT id, truth FROM found ORDER BY id');
		expect(rows.find(({ id }) => id === 'answer 20')).toEqual({ id: 'answer 20', truth: '"yes"' });
		expect(rows.length).toBe(asked() < times ? 2 : 1);
	});
});

it.each([1, 2, 3])('truths are told while older answers are removed (%s)', async (times) => {
	await fill();
	const { log } = removedAfter(times);
	await withDuck({}, async (duck) => {
		const told = [1, 20].map((day) => ({ key: `customer ${day}`, told: Date.now() }));
		const known = await lookUpTruths(duck, log, told);
		expect(known[1]).toMatchObject({ answer: { id: 'answer 20' }, current: '"yes"' });
	});
});

it('a segment that is damaged is a failure, and is not tried for ever', async () => {
	await fill();
	let asked = 0;
	const relation: SegmentLog['relation'] = async () => {
		asked++;
		return `(SELECT * FROM read_parquet('${store.home}/nothing-${asked > 500 ? '' : 'there'}.parquet'))`;
	};
	await withDuck({}, async (duck) => {
		await expect(tableWithTruth(duck, { relation }, 'found', { model: 'churn' })).rejects.toThrow('No files found');
	});
	expect(asked).toBeLessThan(20);
});
