import type { Finding, VerdictRecord } from '../../lib/domain/monitor.js';
import { WATCHES, type WatchId } from '../../lib/domain/watches.js';
import type { Store } from '../../lib/store/contract.js';

const DAY = 86_400_000;
const FIRST = Date.UTC(2026, 9, 1);
const at = (day: number): string => new Date(FIRST + day * DAY).toISOString();
const COLUMNS = [
	'weight',
	'colour',
	'days',
	'ripe',
	'<img src=x onerror=alert(1)>',
	'a column whose name is far too long for any axis of any chart',
];

/** Thirty days of the model `fruit`: its data drift from the twentieth day on, its quality falls with it, and the estimate saw it coming. */
export async function watchedFruit(store: Store): Promise<void> {
	for (const watch of ['data', 'quality', 'estimate'] as const) {
		const id = `fruit-${watch}`;
		await store.add('monitor', id, {
			id,
			model: 'fruit',
			alias: 'champion',
			watch,
			window: { by: 'time', hours: 24 },
			segments: [],
			params: {},
			falseAlarmsAYear: 0.2,
			everyMinutes: 60,
			since: at(0),
			// A server that runs must not look at them by itself.
			state: 'paused',
			madeBy: 'ann@example.com',
			madeAt: at(0),
		});
		for (let day = 0; day < 30; day++) await store.add('verdict', id, verdictOf(watch, day));
	}
}

function verdictOf(watch: WatchId, day: number): VerdictRecord {
	const off = day >= 20;
	const waits = watch === 'quality' && day >= 28;
	const [label] = WATCHES[watch];
	return {
		monitor: `fruit-${watch}`,
		model: 'fruit',
		watch,
		from: at(day),
		until: at(day + 1),
		versions: [1],
		rows: 1000 + 10 * day,
		...(watch === 'quality' ? { known: waits ? 100 : 900 } : {}),
		verdict: waits ? 'waiting' : off ? 'alarm' : 'ok',
		findings: waits ? [] : watch === 'data' ? columnsOn(day) : [figureOn(watch, day)],
		summary: waits
			? 'Too little of the truth is known.'
			: off
				? `Since 21 October 2026, ${label} is not as before.`
				: `${label} is as it was.`,
		notes: day % 7 === 0 ? [{ code: 'requests_failed', text: '3 requests got an error instead of an answer and are left out.' }] : [],
	};
}

const figureOn = (watch: WatchId, day: number): Finding => {
	const value = (day >= 20 ? 0.78 : 0.91) + (((day * 37) % 11) - 5) / 500 + (watch === 'estimate' ? 0.008 : 0);
	return {
		about: 'auc',
		value,
		reference: 0.91,
		interval: [value - 0.02, value + 0.02],
		pValue: day >= 20 ? 1e-6 : 0.4,
		effect: day >= 20 ? 2 : 0.1,
		weight: 1,
	};
};

const columnsOn = (day: number): Finding[] =>
	COLUMNS.map((about, i) => {
		const moved = day >= 20 && i < 2;
		const effect = moved ? 2.4 - i : (((day * 31 + i * 17) % 13) / 13) * 0.7;
		return {
			about,
			value: effect / 10,
			effect,
			pValue: moved ? 0 : 0.5,
			weight: effect / (i + 1) / 10,
			...(moved ? { why: `"${about}": the mean went from 40 to 61.` } : {}),
		};
	});
