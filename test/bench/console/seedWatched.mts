import type { Store } from '../../../lib/store/contract.js';
import type { VerdictRecord } from '../../../lib/domain/monitor.js';

type Part = Parameters<Parameters<Store['transact']>[0]>[0];
/** Writes many records, so many in a transaction. */
type Many = (what: string, count: number, write: (part: Part, i: number) => Promise<void>) => Promise<void>;

const DAY_MS = 86_400_000;
const actor = 'benchmark';
/** Monitors of data that were looked at each day of a year, and those that began just now. */
export const LOOKED = 20;
/** Who looks at the pages. */
export const READER = { email: 'reader@example.com', password: 'nine slow otters in the rain' };
const NEW = 180;
const DAYS = 365;
const COLUMNS = 40;
export const INCIDENTS = 2_000;
export const APPROVALS = 1_000;
const PEOPLE = 100;

/** Monitors with what they found, incidents, approvals, people and keys. */
export async function seedWatched(store: Store, many: Many, models: number): Promise<void> {
	const now = Date.now();
	const first = Math.floor(now / DAY_MS) * DAY_MS - DAYS * DAY_MS;
	const iso = (ms: number): string => new Date(ms).toISOString();
	await many('monitors', LOOKED + NEW, async (part, i) => {
		const id = `monitor-${i}`;
		await part.add('monitor', id, {
			...{ id, model: `model ${i % models}`, alias: 'champion', watch: i % 2 ? 'quality' : 'data', segments: [], params: {} },
			...{ window: { by: 'time', hours: 24 }, falseAlarmsAYear: 0.2, everyMinutes: 60, since: iso(first), state: 'paused' },
			...{ madeBy: actor, madeAt: iso(first) },
		});
	});
	await many('windows', LOOKED * DAYS, async (part, i) => {
		const day = Math.floor(i / LOOKED);
		const which = i % LOOKED;
		const finding = (k: number): VerdictRecord['findings'][number] => ({
			...{ about: which % 2 ? 'auc' : `column ${k}`, value: ((day * 31 + k * 17) % 100) / 100, reference: 0.5, pValue: 0.5 },
			...{ effect: ((day * 7 + k) % 13) / 10, weight: 1 / COLUMNS },
		});
		await part.add('verdict', `monitor-${which}`, {
			...{ monitor: `monitor-${which}`, model: `model ${which}`, watch: which % 2 ? 'quality' : 'data', versions: [10], rows: 10_000 },
			...{ from: iso(first + day * DAY_MS), until: iso(first + (day + 1) * DAY_MS), verdict: 'ok', summary: 'All is as usual.', notes: [] },
			findings: Array.from({ length: which % 2 ? 5 : COLUMNS }, (_, k) => finding(k)),
		});
	});
	await many('incidents', INCIDENTS, async (part, i) => {
		const [id, at] = [`incident-${i}`, iso(first + i * 1_000)];
		const step = (what: 'opened' | 'acknowledged' | 'closed') => ({ at, by: actor, what, text: 'It was found.' });
		const body = {
			...{ id, model: `model ${i % models}`, alias: 'champion', severity: 'tell' as const, watches: ['data' as const] },
			...{ monitors: [`monitor-${i % LOOKED}`], verdicts: [], title: 'The data are not as before.', version: 10, openedAt: at },
		};
		await part.add('incident', id, { ...body, state: 'open', history: [step('opened')] });
		await part.add('incident', id, { ...body, state: 'acknowledged', owner: actor, history: [step('opened'), step('acknowledged')] });
		if (i < INCIDENTS - 30)
			await part.add('incident', id, {
				...{ ...body, state: 'closed', closedAt: at },
				history: [step('opened'), step('acknowledged'), step('closed')],
			});
	});
	const items = await store.artifacts.put('[]');
	for (let i = 0; i < APPROVALS; i++) {
		const { id } = await store.createApproval({
			subject: { title: `May it take over (${i})?`, modelName: `model ${i % models}` },
			...{ approvers: ['ann@example.com'], expiresAt: iso(now + 30 * DAY_MS), items },
		});
		if (i < APPROVALS - 30) await store.decideApproval(id, 'approved', 'ann@example.com');
	}
	await many('people', PEOPLE, async (part, i) => {
		const id = i.toString(16).padStart(16, '0');
		await part.add('person', `p${id}`, {
			...{ id: `p${id}`, email: `person${i}@example.com`, name: `Person ${i}`, role: 'viewer', sessions: 0, disabled: false },
			...{ madeBy: actor, madeAt: iso(now) },
		});
		await part.add('people', `model ${i}`, { responsible: ['ann@example.com'], accountable: [], consulted: [], informed: [] });
	});
}
