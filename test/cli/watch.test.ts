import type { Store } from '../../lib/store/contract.js';
import { answer, DAY, HOUR, look } from '../app/watchedModel.js';
import { fruitStore } from '../server/served.js';
import { removeFolders } from '../store/records.js';
import { mlops } from './program.js';

let store: Store;
let home: string;
beforeAll(async () => {
	({ home, store } = await fruitStore());
}, 60_000);
afterAll(async () => {
	await store.close();
	await removeFolders();
});
const run = async (...args: string[]) => await mlops(args, { home });

it('a model is watched, an incident looked after and closed, from the command line', async () => {
	const watched = await run('watch', 'on', 'fruit');
	expect(watched).toMatchObject({ exit: 0, stdout: expect.stringMatching(/^From now on watched: .*Service\./) as string });
	expect((await run('watch', 'on', 'fruit')).stdout).toMatch(/^Watched already: /);
	expect(await run('watch', 'on', 'nothing')).toMatchObject({ exit: 1, stderr: expect.stringContaining('store.not_found') as string });
	expect(await run('watch', 'on', 'fruit', 'weather')).toMatchObject({ exit: 2 });
	const end = Math.floor(Date.now() / HOUR) * HOUR;
	await answer(store, end - 20 * DAY, 20 * 24, (at) => ({ model: 'fruit', answers: at >= end - 3 * HOUR ? 0 : 30 }));
	const since = new Date(end - DAY).toISOString();
	const params = JSON.stringify({ max_ms: 500 });
	expect(await run('watch', 'on', 'fruit', 'service', '--since', since, '--params', params, '--reason', 'a look back')).toMatchObject({
		exit: 0,
	});
	await look(store, 'fruit-service-2', Date.now());
	expect((await run('watch', 'list', 'fruit')).stdout).toMatch(/fruit-service-2 +Service +1 h +active +\S+ \S+ +alarm/);
	expect((await run('watch', 'show', 'fruit-service-2', '--limit', '3')).stdout).toMatch(/alarm +fruit-1 /);
	expect((await run('incident', 'list')).stdout).toMatch(/fruit-1 +page +open/);
	expect((await run('incident', 'acknowledge', 'fruit-1', '--text', 'I look')).exit).toBe(0);
	expect((await run('incident', 'snooze', 'fruit-1', '2099-01-01T00:00:00Z')).stdout).toContain('snoozed until 2099-01-01 00:00');
	expect((await run('incident', 'comment', 'fruit-1', 'The line was cut.')).stdout).toContain('The line was cut.');
	expect((await run('incident', 'close', 'fruit-1')).stdout).toContain('; closed');
	expect(await run('incident', 'wake', 'fruit-1')).toMatchObject({ exit: 1, stderr: expect.stringContaining('incident.closed') as string });
	const shown = JSON.parse((await run('incident', 'show', 'fruit-1', '--json')).stdout) as { history: Array<{ what: string }> };
	expect(shown.history.map(({ what }) => what)).toEqual(['opened', 'acknowledged', 'snoozed', 'commented', 'closed']);
	for (const [turn, state] of [
		['pause', 'paused'],
		['resume', 'active'],
		['end', 'ended'],
	])
		expect((await run('watch', turn, 'fruit-service-2')).stdout).toContain(state);
	expect((await run('watch', 'list', 'fruit')).stdout).not.toContain('fruit-service-2');
}, 120_000);
