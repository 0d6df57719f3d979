import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { actOnIncident } from '../../lib/app/incidents.js';
import { makeMonitor } from '../../lib/app/monitors.js';
import { makeKey } from '../../lib/app/apiKeys.js';
import { askForApproval } from '../../lib/app/approval.js';
import { setModelPeople } from '../../lib/app/modelPeople.js';
import { deploy } from '../../lib/app/calls/deployCall.js';
import { evaluate } from '../../lib/app/calls/evaluateCall.js';
import { ingest } from '../../lib/app/calls/ingestCall.js';
import { train } from '../../lib/app/calls/trainCall.js';
import { sessionOn } from '../../lib/app/session.js';
import type { Store } from '../../lib/store/contract.js';
import { answer, DAY, HOUR, look } from '../app/watchedModel.js';
import { fruitStore } from '../server/served.js';
import { watchedFruit } from './watchedFruit.js';

/** Names that a page may take for something else, or that do not fit. */
export const NAMES = {
	script: '<img src=x onerror="globalThis.hurt=1"><script>globalThis.hurt=1</script>',
	long: `a model with a name that somebody made of a whole sentence and ${'w'.repeat(120)}`,
	rightToLeft: 'نموذج أسعار الفاكهة',
	emoji: '🍎🍐 price / 100% #1?',
} as const;
export const MODEL = 'price of fruit';
export const DATASET = 'fruit market';

/** Rows of a market: weights, days, colours and a price by a rule; `shift` moves the weights. Every 40th row has a cell too many. */
const market = (rows: number, shift: number): string => {
	const lines = Array.from({ length: rows }, (_, i) => {
		const [weight, days, colour] = [40 + shift + ((i * 37) % 90), (i * 7) % 11, ['red', 'green', 'blue', '<b>odd</b>'][(i * 5) % 4]];
		const price = weight * 1.5 - days * 2 + (colour === 'red' ? 20 : 0) + ((i * 53) % 17);
		const sold = new Date(Date.UTC(2026, 0, 1 + (i % 90))).toISOString().slice(0, 10);
		return `${i % 13 ? weight : ''},${days},${colour},${sold},shop,${price.toFixed(2)}${i % 40 === 39 ? ',extra' : ''}`;
	});
	return `weight,days,colour,sold,place,price\n${lines.join('\n')}\n`;
};

/**
 * A store in which each page has something to show: the model `fruit` (registered from elsewhere), `price of fruit` in three versions with
 * evaluations, moves of its champion and two versions of its data, and models with the names above. A page that needs more adds it here.
 */
export async function filledStore(): Promise<{ home: string; store: Store }> {
	const made = await fruitStore(2);
	await withIncident(made.store);
	const { store } = made;
	const change = { store, actor: 'ann@example.com' };
	await askForApproval(store, {
		title: 'May the new model take over?',
		approvers: ['ann@example.com', 'bo@example.com'],
		expiresMinutes: 600,
		modelName: 'fruit',
		items: [],
	});
	await makeKey(change, { label: 'the shop', scopes: ['predict', 'feedback'], models: ['fruit'] });
	await setModelPeople(change, 'fruit', { responsible: ['ann@example.com'], accountable: ['bo@example.com'], consulted: [], informed: [] });
	const session = sessionOn(store, { actor: 'ann@example.com' });
	const file = join(made.home, 'market.csv');
	let model;
	for (const [i, [rows, shift, params]] of (
		[
			[320, 0, { n_estimators: 10 }],
			[400, 25, { n_estimators: 30 }],
			[400, 25, { n_estimators: 60, learning_rate: 0.2 }],
		] as const
	).entries()) {
		await writeFile(file, market(rows, shift));
		const { dataset } = (await ingest(session, { file, name: DATASET, target: 'price', params: { maxBadPercent: 10 } })).fields;
		const steps = i ? [{ step: 'impute', params: {} }] : [];
		({ model } = (await train(session, { dataset, learner: 'gradientBoosting', params, ...(i ? { steps } : {}) })).fields);
		await evaluate(session, { model });
		await deploy(session, { model, name: MODEL });
	}
	for (const name of Object.values(NAMES)) await deploy(session, { model: model!, name });
	await watchedFruit(made.store);
	return made;
}

/** Three weeks of answers, three hours of silence, and what a monitor found. */
async function withIncident(store: Store): Promise<void> {
	const end = Math.floor(Date.now() / HOUR) * HOUR;
	await answer(store, end - 21 * DAY, 21 * 24, (at) => ({ model: 'fruit', answers: at >= end - 3 * HOUR ? 0 : 20 }));
	const since = new Date(end - DAY).toISOString();
	const { name } = await makeMonitor(store, { model: 'fruit', watch: 'service', since }, { actor: 'ann@example.com' });
	await look(store, name, Date.now());
	const ann = { id: 'fruit-1', actor: 'ann@example.com' };
	await actOnIncident(store, { ...ann, action: 'acknowledge' });
	await actOnIncident(store, { ...ann, action: 'comment', text: 'The shop is closed for repairs. <b>Back on Monday.</b>' });
}
