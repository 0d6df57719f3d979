import fc from 'fast-check';
import { withDuck } from '../../../lib/data/duck.js';
import { tableWithTruth } from '../../../lib/data/truth/resolve.js';
import type { AnswerLine, LogKind, SegmentLog, TruthLine } from '../../../lib/store/log/contract.js';
import { openStore } from '../../../lib/store/openStore.js';
import type { Store } from '../../../lib/store/contract.js';
import { freshFolder, removeFolders } from '../../store/records.js';

const stores: Store[] = [];
afterAll(async () => {
	for (const store of stores) await store.close();
	await removeFolders();
});

const at = (minute: number): string => new Date(Date.UTC(2026, 0, 1) + minute * 60_000).toISOString();

const answer = fc.record({
	id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
	key: fc.option(fc.constantFrom('anna', 'bert'), { nil: undefined }),
	model: fc.constantFrom('churn', 'upsell'),
	minute: fc.nat(20),
	arm: fc.constantFrom(undefined, 'stable', 'shadow-2'),
	failed: fc.boolean(),
});
type Given = typeof answer extends fc.Arbitrary<infer T> ? T : never;
const truth = fc.record({
	by: fc.constantFrom('id' as const, 'key' as const),
	id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'nobody'),
	key: fc.constantFrom('anna', 'bert', 'nobody'),
	time: fc.option(fc.nat(20), { nil: undefined }),
	model: fc.option(fc.constantFrom('churn', 'upsell'), { nil: undefined }),
	told: fc.integer({ min: 0, max: 40 }),
	truth: fc.constantFrom('yes', 'no', null),
	batch: fc.constantFrom('b1', 'b2'),
});
type Told = typeof truth extends fc.Arbitrary<infer T> ? T : never;

/** What the stated rules make of it, without a database. */
function byTheRules(answers: Given[], truths: Told[]): string[] {
	const seen = answers.filter(({ arm, failed }) => !failed && !arm?.startsWith('shadow-'));
	const later = (a: Given, b: Given): number =>
		a.minute - b.minute ||
		a.id.length - b.id.length ||
		(a.id < b.id ? -1 : a.id > b.id ? 1 : 0) ||
		(a.model < b.model ? -1 : a.model > b.model ? 1 : 0);
	const nameOf = ({ id, minute, model }: Given): string => `${id} ${minute} ${model}`;
	const counts = new Map<string, Told>();
	for (const told of truths) {
		const fit = seen.filter(
			(a) =>
				(told.model === undefined || told.model === a.model) &&
				(told.by === 'id' ? a.id === told.id : a.key === told.key && a.minute <= (told.time ?? told.told)),
		);
		const about = fit.sort(later).at(-1);
		if (!about) continue;
		const before = counts.get(nameOf(about));
		const rank = (t: Told): [number, string, string] => [t.told, t.batch, JSON.stringify(t.truth)];
		const newer = (x: Told, y: Told): boolean => {
			const [p, q] = [rank(x), rank(y)];
			for (let i = 0; i < 3; i++) if (p[i] !== q[i]) return p[i] > q[i];
			return false;
		};
		if (!before || newer(told, before)) counts.set(nameOf(about), told);
	}
	return answers
		.filter(({ failed, model }) => !failed && model === 'churn')
		.map((a) => {
			const of = a.arm?.startsWith('shadow-')
				? seen
						.filter((s) => s.id === a.id && s.model === a.model)
						.sort(later)
						.at(-1)
				: a;
			return `${nameOf(a)} ${a.arm ?? ''}: ${JSON.stringify((of && counts.get(nameOf(of))?.truth) ?? null)}`;
		})
		.sort();
}

async function write(log: SegmentLog, kind: LogKind, lines: object[]): Promise<void> {
	const writer = log.writer(kind);
	for (const line of lines) await writer.append(Buffer.from(`${JSON.stringify(line)}\n`));
	await writer.close();
}

const lineOf = ({ minute, failed, ...more }: Given): AnswerLine => ({
	at: at(minute),
	digest: 'd',
	version: 1,
	input: {},
	prediction: failed ? null : 'yes',
	score: failed ? [] : [0.5],
	...more,
	...(failed ? { error: 'The row lacks the column "x".' } : {}),
});
const truthLine = ({ by, id, key, time, told, truth: said, ...more }: Told): TruthLine => ({
	at: at(told),
	...(by === 'id' ? { id } : { key, ...(time === undefined ? {} : { time: at(time) }) }),
	truth: said,
	by: 'test',
	...more,
});

it('answers, truths and corrections in any order give what the rules say', async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.array(answer, { maxLength: 12 }),
			fc.array(truth, { maxLength: 12 }),
			fc.infiniteStream(fc.nat()),
			async (answers, truths, chance) => {
				const store = await openStore({ kind: 'folder', home: await freshFolder() });
				stores.push(store);
				const shuffled = <T>(list: readonly T[]): T[] =>
					list
						.map((one) => [chance.next().value, one] as const)
						.sort(([a], [b]) => a - b)
						.map(([, one]) => one);
				// Several writers, answers and truths in turn, in an order of chance.
				for (const part of shuffled([0, 1, 2])) {
					await write(store.log, 'truth', shuffled(truths.filter((_, i) => i % 3 === part).map(truthLine)));
					await write(store.log, 'answers', shuffled(answers.filter((_, i) => i % 3 === part).map(lineOf)));
				}
				const found = await withDuck({}, async (duck) => {
					await tableWithTruth(duck, store.log, 'found', { model: 'churn' });
					return await duck.rows<{ id: string; at: string; model: string; arm: string | null; truth: string | null }>(
						'SELECT id, "at", model, arm, truth FROM found',
					);
				});
				const minuteOf = (iso: string): number => (Date.parse(iso) - Date.UTC(2026, 0, 1)) / 60_000;
				expect(found.map((row) => `${row.id} ${minuteOf(row.at)} ${row.model} ${row.arm ?? ''}: ${row.truth ?? 'null'}`).sort()).toEqual(
					byTheRules(answers, truths),
				);
				// A stretch of time has the same of these, though it opens and reads but what can be about it.
				const some = await withDuck({}, async (duck) => {
					await tableWithTruth(duck, store.log, 'found', { model: 'churn', since: at(5), until: at(12), columns: ['version'], seen: true });
					return await duck.rows<{ id: string; at: string; truth: string | null }>('SELECT id, "at", truth FROM found');
				});
				const nameOf = (row: { id: string; at: string; truth: string | null }): string => `${row.id} ${minuteOf(row.at)} ${row.truth}`;
				const within = (row: { at: string; arm: string | null }): boolean =>
					minuteOf(row.at) >= 5 && minuteOf(row.at) < 12 && !row.arm?.startsWith('shadow-');
				expect(some.map(nameOf).sort()).toEqual(found.filter(within).map(nameOf).sort());
			},
		),
		{ numRuns: 25 },
	);
}, 120_000);
