import { actOnIncident } from '../../lib/app/incidents.js';
import { makeMonitor } from '../../lib/app/monitors.js';
import { makeKey } from '../../lib/app/apiKeys.js';
import { askForApproval } from '../../lib/app/approval.js';
import { setModelPeople } from '../../lib/app/modelPeople.js';
import type { Store } from '../../lib/store/contract.js';
import { answer, DAY, HOUR, look } from '../app/watchedModel.js';
import { fruitStore } from '../server/served.js';

/** A store in which each page has something to show. A page that needs more adds it here. */
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
