import { openApprovalPage, askForApproval } from '../../lib/app/approval.js';
import { changesBetween, changesForCallers, type Answering } from '../../lib/app/changesForCallers.js';
import { deploy, deployParams, rollBack } from '../../lib/app/deploy.js';
import { eventsAfter, positionFor } from '../../lib/app/events.js';
import { canaryParams, shadowParams } from '../../lib/app/rolloutParams.js';
import { abortRollout, promoteRollout, startRollout } from '../../lib/app/rollouts.js';
import type { ColumnSchema } from '../../lib/domain/column.js';
import type { ModelManifest } from '../../lib/domain/model.js';
import { readPackage, writePackage } from '../../lib/formats/modelPackage.js';
import { composeMessage } from '../../lib/notify/composeMessage.js';
import type { Store } from '../../lib/store/contract.js';
import { openStore } from '../../lib/store/openStore.js';
import { fruitPackage } from '../server/served.js';
import { datasetBody, freshFolder, removeFolders, runBody } from '../store/records.js';

const column = (name: string, type: ColumnSchema['type'], required = true, format?: string) => ({
	name,
	type,
	role: 'feature' as const,
	required,
	...(format ? { format } : {}),
});
const YES_NO: Answering = { task: 'binary', target: 'sick', classes: ['no', 'yes'], signature: [column('age', 'number')] };
const TRUE_FALSE: Answering = { ...YES_NO, classes: [false, true], words: ['Nein', 'Ja'] };
const NUMBERS: Answering = { ...YES_NO, task: 'regression', target: 'days', classes: [] };

describe('what changes for callers between two versions', () => {
	it.each<[string, Answering, Answering, string[]]>([
		['the same', YES_NO, { ...YES_NO }, []],
		['classes in the place of numbers', YES_NO, NUMBERS, ['Answers change from classes ("no", "yes") of "sick" to numbers of "days".']],
		[
			'classes that have nothing in common',
			YES_NO,
			{ ...YES_NO, classes: ['x', 'y'] },
			['Answers change from classes ("no", "yes") of "sick" to classes ("x", "y") of "sick".'],
		],
		[
			'classes that callers get by another word than the table has',
			TRUE_FALSE,
			NUMBERS,
			['Answers change from classes ("Nein", "Ja", which callers get as false, true) of "sick" to numbers of "days".'],
		],
		[
			'the other class of those',
			TRUE_FALSE,
			{ ...TRUE_FALSE, classes: [true, false], words: ['Ja', 'Nein'] },
			['The probability is that of "Nein" (false); before, it was that of "Ja" (true).'],
		],
		['other words for what callers get as before', TRUE_FALSE, { ...TRUE_FALSE, words: ['no', 'yes'] }, []],
		[
			'labels that only look alike',
			{ ...YES_NO, classes: [0, 1] },
			{ ...YES_NO, classes: ['0', '1'] },
			['Answers change from classes (0, 1) of "sick" to classes ("0", "1") of "sick".'],
		],
		[
			'a class more',
			YES_NO,
			{ ...YES_NO, task: 'multiclass', classes: ['no', 'perhaps', 'yes'] },
			[
				'There are answers that callers do not know: "perhaps".',
				'Each class has a probability of its own; before, there was that of "yes" alone.',
			],
		],
		[
			'a class less',
			{ ...YES_NO, classes: ['a', 'b'] },
			{ ...YES_NO, classes: ['c', 'b'] },
			['There are answers that callers do not know: "c".', 'There are answers that are not given any more: "a".'],
		],
		[
			'the other class is the positive one',
			YES_NO,
			{ ...YES_NO, classes: ['yes', 'no'] },
			['The probability is that of "no"; before, it was that of "yes".'],
		],
		['another target', YES_NO, { ...YES_NO, target: 'ill' }, ['Answers are about "ill", and no longer about "sick".']],
		[
			'a column more, and one that may be left out',
			YES_NO,
			{ ...YES_NO, signature: [...YES_NO.signature, column('ward', 'category'), column('note', 'text', false)] },
			['Callers must send a column that was not needed before: "ward".'],
		],
		[
			'a column that could be left out',
			{ ...YES_NO, signature: [column('age', 'number', false)] },
			YES_NO,
			['Callers must send a column that was not needed before: "age".'],
		],
		['a column less', { ...YES_NO, signature: [...YES_NO.signature, column('ward', 'category')] }, YES_NO, []],
		[
			'a column read in another way',
			{ ...YES_NO, signature: [column('age', 'category')] },
			YES_NO,
			['"age" is read as a number; before, it was a text. Values of another form are refused.'],
		],
		['whole numbers, then any', { ...YES_NO, signature: [column('age', 'integer')] }, YES_NO, []],
		[
			'dates with the month first',
			{ ...YES_NO, signature: [column('born', 'datetime', true, '%d/%m/%Y')] },
			{ ...YES_NO, signature: [column('born', 'datetime', true, '%m/%d/%Y')] },
			['Dates in "born" are read in another form (%m/%d/%Y; before, %d/%m/%Y).'],
		],
	])('%s', (_, before, after, said) => {
		expect(changesForCallers(before, after)).toEqual(said);
	});
});

describe('where it is said', () => {
	let store: Store;
	let fruit: Uint8Array;
	let runId: string;
	beforeAll(async () => (fruit = await fruitPackage()));
	beforeEach(async () => {
		store = await openStore({ kind: 'folder', home: await freshFolder() });
		await store.setPolicy('fruit', { approvalRequired: false, gateRequired: false }, 'ann', 'a test');
		const dataset = await store.add('dataset', 'people', await datasetBody(store, 'changes'));
		runId = (await store.add('run', 'fruit', await runBody(store, dataset.id))).id;
		await put(await version({}));
	});
	afterEach(async () => {
		await store.verify();
		await store.close();
	});
	afterAll(removeFolders);

	const version = async (other: Partial<ModelManifest>): Promise<string> => {
		const { manifest, state } = readPackage(fruit);
		return await store.artifacts.put(writePackage({ ...manifest, ...other }, state));
	};
	const needing = async (name: string): Promise<string> =>
		await version({ signature: [...readPackage(fruit).manifest.signature, column(name, 'number')] });
	const numbers = async (): Promise<string> => await version({ task: 'regression', target: 'price', classes: [] });
	const put = async (digest: string, preview = false) =>
		await deploy({ store, actor: 'ann', modelName: 'fruit', digest, runId, preview, params: deployParams.parse({}) });
	const told = async () =>
		(await store.auditLog({ action: 'deploy.answers_changed' })).map(({ subject, details }) => [subject, details.changes]).reverse();

	const KIND = 'Answers change from classes ("bad", "good") of "quality" to numbers of "price".';
	const BACK = 'Answers change from numbers of "price" to classes ("bad", "good") of "quality".';

	it('a move still happens; deployment and audit log say what callers meet, there and back', async () => {
		const digest = await numbers();
		expect(await put(digest, true)).toMatchObject({ preview: true, changes: [KIND] });
		expect(await told()).toEqual([]);
		const deployment = await put(digest);
		expect(deployment).toMatchObject({ moved: true, changes: [KIND] });
		expect(deployment.text).toBe(`"champion" of fruit now points to version 2 (was version 1). What changes for callers: ${KIND}`);
		const back = await rollBack(store, { modelName: 'fruit', alias: 'champion', actor: 'ann', preview: false });
		expect(back).toMatchObject({ version: 1, changes: [BACK] });
		expect(await told()).toEqual([
			['fruit@2', [KIND]],
			['fruit@1', [BACK]],
		]);
	});

	it('whoever hears of the move hears of it as well', async () => {
		const start = await positionFor(store, ['aliasMoved'], undefined);
		await put(await numbers());
		await put(await version({ threshold: 0.4, task: 'regression', target: 'price', classes: [] }));
		const { events } = await eventsAfter(store, start, { kinds: ['aliasMoved'], models: [] });
		expect(events.map(({ what, changes }) => [what, changes])).toEqual([
			[expect.stringMatching(/version 2 was deployed.* before it was version 1\. What changes for callers: Answers change from /), [KIND]],
			[expect.stringMatching(/version 3 was deployed.* before it was version 2\.$/), undefined],
		]);
		const [first, second] = events.map((event) => composeMessage({ event }).severity);
		expect([first, second]).toEqual(['warning', 'info']);
	});

	it('the same answers from the same columns need no word', async () => {
		const deployment = await put(await version({ threshold: 0.3 }));
		expect(deployment).toMatchObject({ moved: true, version: 2 });
		expect(deployment.changes).toBeUndefined();
		expect(await told()).toEqual([]);
	});

	it('what cannot be read is said, since no move hangs on it', async () => {
		expect(await changesBetween(store, store, { digest: await numbers() }, { digest: '0'.repeat(64) })).toEqual([
			expect.stringMatching(/^It is not known what changes for callers: /) as string,
		]);
	});

	it('whoever approves reads it before all scores; where nothing changes there is no such part', async () => {
		const page = async (model: string): Promise<string> => {
			const ask = { title: 'May it?', approvers: ['bo'], expiresMinutes: 10, modelName: 'fruit', model, items: [] };
			const { tokens } = await askForApproval(store, ask);
			return (await openApprovalPage(store, tokens[0].token)).html;
		};
		const html = await page(await numbers());
		expect(html).toContain('What changes for those who use it');
		expect(html).toContain('to numbers of');
		expect(await page(await version({ threshold: 0.3 }))).not.toContain('What changes for those who use it');
	});

	it('of yes and no the words of the table are read, and what callers get in their place', async () => {
		const { manifest } = readPackage(fruit);
		const made = async (no: string, yes: string) => {
			const body = await datasetBody(store, yes);
			const target = { name: 'quality', type: 'boolean' as const, role: 'target' as const, format: JSON.stringify({ no, yes }) };
			const dataset = await store.add('dataset', 'people', { ...body, columns: [target] });
			return (await store.add('run', 'fruit', { ...(await runBody(store, dataset.id, yes)), target: 'quality' })).id;
		};
		runId = await made('schlecht', 'gut');
		await put(await version({ classes: [false, true] }));
		const numbersOf = await numbers();
		expect((await put(numbersOf, true)).changes).toEqual([
			`Answers change from classes ("schlecht", "gut", which callers get as false, true) of "${manifest.target}" to numbers of "price".`,
		]);
		const { tokens } = await askForApproval(store, {
			...{ title: 'May it?', approvers: ['bo'], expiresMinutes: 10, modelName: 'fruit', model: numbersOf, items: [] },
		});
		const { html } = await openApprovalPage(store, tokens[0].token);
		expect(html).toMatch(/schlecht.{1,20}gut.{1,20}which callers get as false, true/);
	});

	it('a rollout says which columns its callers must send; it is refused where the versions have no answer in common', async () => {
		const start = async (digest: string, kind: 'canary' | 'shadow' = 'canary') =>
			await startRollout(store, {
				kind,
				actor: 'ann',
				modelName: 'fruit',
				digest,
				runId,
				params: (kind === 'canary' ? canaryParams : shadowParams).parse({}),
				preview: false,
			});
		const need = 'Callers must send a column that was not needed before: "sugar".';
		for (const kind of ['shadow', 'canary'] as const) {
			const rollout = await start(await needing('sugar'), kind);
			expect(rollout).toMatchObject({ state: 'running', changes: [need] });
			expect(rollout.text).toContain(need);
			const [event] = await store.auditLog({ action: 'rollout.started' });
			expect(event.details).toMatchObject({ kind, changes: [need] });
			if (kind === 'shadow') await abortRollout(store, { model: 'fruit', actor: 'ann' });
		}
		const { deployment } = await promoteRollout(store, { model: 'fruit', actor: 'ann' });
		expect(deployment).toMatchObject({ moved: true, changes: [need] });
		for (const kind of ['shadow', 'canary'] as const)
			await expect(start(await version({ classes: ['x', 'y'] }), kind)).rejects.toMatchObject({
				code: 'rollout.refused',
				message: expect.stringContaining('classes ("x", "y") of "quality"') as string,
			});
		await expect(start(await numbers())).rejects.toMatchObject({ code: 'rollout.refused' });
	});
});
