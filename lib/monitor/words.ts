import type { DriftRecord } from '../domain/drift.js';
import { present, type ColumnFacts } from './columnData.js';
import { meanOf, sum, type Pair } from './table.js';
import type { Told } from './verdict.js';

const figure = (x: number): string => x.toLocaleString('en-US', { maximumSignificantDigits: 3 });
const share = (x: number): string => `${(x * 100).toLocaleString('en-US', { maximumFractionDigits: x > 0 && x < 0.01 ? 2 : 1 })} %`;
const chance = (p: number): string => (p < 0.001 ? 'p < 0.001' : `p = ${figure(p)}`);

/** At most `most` names, then how many more. */
export const list = (names: readonly string[], most: number): string =>
	names.length > most ? `${names.slice(0, most).join(', ')} and ${names.length - most} more` : names.join(', ');

/** What happened to one column, in plain words. */
export function reasonOf(
	v: Omit<Told, 'histogram'>,
	missing: { reference: number; current: number; drifted: boolean; pValue: number },
	byPValue: boolean,
): string {
	const parts: string[] = [];
	if (missing.drifted) parts.push(`Missing values went from ${share(missing.reference)} to ${share(missing.current)} of the rows.`);
	if (v.drifted) {
		if (v.test === 'new_values' && v.newLevels) parts.push(`${share(v.newLevels.share)} of the rows hold values never seen before.`);
		else parts.push(`The distribution changed: ${v.change} (${measure(v, byPValue)}).`);
	} else if (!missing.drifted) {
		const significant = !byPValue && v.pValue !== undefined && v.pValue < 0.01;
		parts.push(`${significant ? 'A small change, below what counts' : 'No change beyond what chance makes'} (${measure(v, byPValue)}).`);
	}
	if (v.newLevels && (v.drifted || v.newLevels.names.length <= 3))
		parts.push(
			`New: ${list(
				v.newLevels.names.map((n) => `"${n}"`),
				5,
			)}.`,
		);
	return parts.join(' ');
}

function measure(v: Omit<Told, 'histogram'>, byPValue: boolean): string {
	return byPValue
		? `p = ${figure(v.score)}, limit ${figure(v.threshold)}`
		: `distance ${figure(v.score)}, limit ${figure(v.threshold)}${v.pValue === undefined ? '' : `, ${chance(v.pValue)}`}`;
}

/** What is different between two samples, in words. */
export function changeOf(pair: Pair): string {
	if (pair.kind === 'numeric') return `the mean went from ${figure(meanOf(pair.reference))} to ${figure(meanOf(pair.current))}`;
	const n = sum(pair.reference);
	const m = sum(pair.current);
	let most = 0;
	for (let i = 1; i < pair.keys.length; i++) {
		if (Math.abs(pair.reference[i] / n - pair.current[i] / m) > Math.abs(pair.reference[most] / n - pair.current[most] / m)) most = i;
	}
	return `"${pair.keys[most]}" went from ${share(pair.reference[most] / n)} to ${share(pair.current[most] / m)}`;
}

export const emptyReason = (reference: ColumnFacts, current: ColumnFacts): string =>
	present(current) === 0 && present(reference) === 0
		? 'No values on either side.'
		: present(current) === 0
			? 'All values are missing now.'
			: 'The reference has no values to compare with.';

const DEAD = {
	gone: ['is gone', 'are gone'],
	empty: ['holds no value any more, or next to none', 'hold no value any more, or next to none'],
	stuck: ['holds the same value in every row', 'hold the same value in every row'],
} as const;

/** Which columns are dead and how, in words. */
export function deadWords(dead: NonNullable<DriftRecord['dead']>): string {
	const parts = (['gone', 'empty', 'stuck'] as const).flatMap((how) => {
		const names = dead.filter((d) => d.how === how).map((d) => `"${d.column}"`);
		return names.length ? [`${list(names, 5)} ${DEAD[how][names.length > 1 ? 1 : 0]}`] : [];
	});
	return parts.join('; ');
}

interface Outcome {
	columns: number;
	drifted: readonly string[];
	datasetDrifted: boolean;
	dead: NonNullable<DriftRecord['dead']>;
	/** Most requests in the log got an error. */
	mostFailed: boolean;
	about: { reference: string; current: string };
}

/** One sentence for a business user. */
export function summaryOf({ columns, drifted, datasetDrifted, dead, mostFailed, about }: Outcome): string {
	const against = `${about.current} compared with ${about.reference}`;
	if (mostFailed)
		return `Drift: most requests got an error instead of an answer${dead.length ? `, and ${deadWords(dead)}` : ''}, in ${against}.`;
	if (dead.length) {
		const others = drifted.filter((name) => !dead.some((d) => d.column === name));
		return `Drift: ${deadWords(dead)}${others.length ? `; ${list(others, 5)} drifted too` : ''}, in ${against}.`;
	}
	if (drifted.length === 0) return `Stable: none of ${columns} column${columns === 1 ? '' : 's'} drifted in ${against}.`;
	const which = `${drifted.length} of ${columns} column${columns === 1 ? '' : 's'} drifted (${list(drifted, 5)})`;
	return datasetDrifted ? `Drift: ${which} in ${against}.` : `${which} in ${against}, too few to call the whole dataset drifted.`;
}
