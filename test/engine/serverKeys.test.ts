import type { IDataObject, ILoadOptionsFunctions } from 'n8n-workflow';
import type { Store } from '../../lib/store/contract.js';
import { built, chain, createEngine, disposeEngine, openBuiltStore, type Engine, type EngineRun } from './engine.js';

let engine: Engine;
let store: Store;
beforeAll(async () => {
	engine = await createEngine();
	store = await openBuiltStore();
}, 60_000);
afterAll(async () => {
	await store.close();
	await disposeEngine();
});

const { makeKey } = built<typeof import('../../lib/app/apiKeys.js')>('lib/app/apiKeys.js');
const keyFor = async (label: string, expiresAt = 'never') =>
	await makeKey({ store, actor: 'ann' }, { label, scopes: ['predict'], expiresAt });
const run = async (parameters: IDataObject, mode?: 'manual'): Promise<EngineRun> =>
	await engine.execute(chain({ name: 'Deploy', type: 'mlopsDeploy', parameters }), { mode });
const withdraw = async (apiKey: string, more: IDataObject = {}, mode?: 'manual') =>
	await run({ operation: 'withdrawKey', apiKey, ...more }, mode);
const listed = async () => {
	const [{ json }] = (await run({ operation: 'listKeys' })).output('Deploy');
	return json.apiKeys as IDataObject[];
};

describe('API keys of the model server in a workflow', () => {
	it('are told without their secrets, with the days that are left', async () => {
		const { key, made } = await keyFor('shop', new Date(Date.now() + 6.5 * 86_400_000).toISOString());
		await keyFor('for ever');
		const keys = await listed();
		expect(keys.slice(0, 2)).toMatchObject([
			{ label: 'for ever', state: 'good' },
			{ id: made.id, label: 'shop', scopes: ['predict'], state: 'good', madeBy: 'ann', daysLeft: 6 },
		]);
		expect(keys[0]).not.toHaveProperty('daysLeft');
		expect(JSON.stringify(keys)).not.toContain(key);
		expect(JSON.stringify(keys)).not.toContain('hash');
	});

	it('are withdrawn with a reason, which the audit log keeps; twice is once', async () => {
		const { made } = await keyFor('till');
		const [{ json }] = (await withdraw(made.id, { reason: 'it was in a repository' })).output('Deploy');
		expect(json.apiKey).toMatchObject({
			id: made.id,
			state: 'withdrawn',
			withdrawn: { reason: 'it was in a repository' },
			text: `The API key "till" (${made.id}) was withdrawn: within seconds it opens nothing any more.`,
		});
		expect((await listed()).find(({ id }) => id === made.id)).toMatchObject({ state: 'withdrawn' });
		const again = (await withdraw(made.id)).output('Deploy')[0].json.apiKey as IDataObject;
		expect(again.text).toMatch(/was withdrawn before\.$/);
		const events = await store.auditLog({ subject: made.id });
		const told = events.filter(({ action }) => action === 'apiKey.withdrawn');
		expect(told.map(({ details }) => details)).toMatchObject([{ label: 'till', reason: 'it was in a repository' }]);
	});

	it('stay as they are in a test run by hand, which says what it would do', async () => {
		const { made } = await keyFor('desk');
		const [{ json }] = (await withdraw(made.id, {}, 'manual')).output('Deploy');
		expect(json.apiKey).toMatchObject({
			state: 'good',
			preview: true,
			text: expect.stringMatching(/"desk".*would be withdrawn/) as string,
		});
		expect((await listed()).find(({ id }) => id === made.id)).toMatchObject({ state: 'good' });
		await withdraw(made.id, { alsoInTestRuns: true }, 'manual');
		expect((await listed()).find(({ id }) => id === made.id)).toMatchObject({ state: 'withdrawn' });
	});

	it('that are not there, or not named, are refused with what to do', async () => {
		expect((await withdraw('1f2e3d4c5b6a7988')).error('Deploy')!.message).toContain('There is no such API key.');
		expect((await withdraw(' ')).error('Deploy')!.message).toContain('No API key is chosen.');
	});

	it('are offered by what they are for, those alone that open something', async () => {
		const { made } = await keyFor('kiosk', '2099-01-31');
		const gone = await keyFor('gone');
		await withdraw(gone.made.id);
		const { MlopsDeploy } = built<typeof import('../../nodes/Deploy/MlopsDeploy.node.js')>('nodes/Deploy/MlopsDeploy.node.js');
		const editor = { getNode: () => ({ parameters: {} }) } as unknown as ILoadOptionsFunctions;
		const offered = await new MlopsDeploy().methods.loadOptions.getApiKeys.call(editor);
		expect(offered).toContainEqual({ name: 'kiosk', value: made.id, description: `${made.id}: predict, until 2099-01-31` });
		expect(offered.map(({ value }) => value)).not.toContain(gone.made.id);
	});
});
