import type { Store } from '../store/contract.js';

/** What a model answered in all within a time. */
export interface TrafficTotal {
	answers: number;
	errors: number;
	/** The minute of the last answer, ISO 8601. */
	last: string;
}

/** What each model answered since a moment (ISO 8601), by its name, from the roll-ups of the log. */
export async function trafficTotals(store: Store, since: string): Promise<Map<string, TrafficTotal>> {
	const rows = await store.log.query(
		(minutes) =>
			`SELECT model, sum(answers)::DOUBLE, sum(errors)::DOUBLE, epoch_ms(max(minute))::DOUBLE FROM ${minutes} ` +
			`WHERE minute >= TIMESTAMP '${since}' GROUP BY model`,
		'minutes',
		{ since },
	);
	return new Map(
		rows.map(([model, answers, errors, last]) => [
			String(model),
			{ answers: Number(answers), errors: Number(errors), last: new Date(Number(last)).toISOString() },
		]),
	);
}
