import { z } from 'zod/v4';
import { chanceOf, chanceOfHits, usualOf } from '../../monitor/service/usual.js';
import type { Finding } from '../../domain/monitor.js';
import { count, number, percent } from '../../report/formatting.js';
import type { Store } from '../../store/contract.js';
import { defineWatch, type Looked, type Span, type Watched, type WatchedAnswers } from './contract.js';
import { MOST_SLOTS, serviceTraffic, type ServiceTraffic, type Slot } from './serviceTraffic.js';

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** Answers from which on a quantile of their times, or a share of them, is compared. */
const LEAST_ANSWERS = 20;
/** Windows alike from which on what is usual is known: of the same weekday, of the same kind of day, of any day, of any time. */
const LEAST_WEEKS = 4;
const LEAST_DAYS = 8;
const LEAST_ANY_DAYS = 14;
const LEAST_WINDOWS = 24;
/** A quarter slower than usual, or one answer in a hundred more that fails, is nothing to wake anybody up for. */
const SLOWER = 1.25;
const MORE_ERRORS = 0.01;
/** What a server may do wrong of which nothing is known yet. */
const ERRORS_AT_FIRST = 0.05;
/** Where callers live by summer and winter time, their habits move by an hour, twice a year. */
const CLOCK_CHANGE_MS = 3_600_000;

const limit = (title: string, description: string) => z.number().positive().optional().meta({ title, description, advanced: true });

const params = z.object({
	max_ms: limit('Slowest Answers (ms)', 'Alarm where one answer in a hundred takes longer than this, whatever is usual'),
	max_error_share: limit('Most Errors (Share)', 'Alarm where more of the rows than this have no answer, whatever is usual'),
	max_age_days: limit('Oldest Version (Days)', 'Alarm where the version that answers is in use for longer than this'),
	max_data_age_days: limit('Oldest Data (Days)', 'Alarm where no newer data than this were ingested under the name of its training data'),
});
type Params = z.output<typeof params>;

/** Whether answers come, in time and without errors, from the roll-ups of the log by the minute. */
export const service = defineWatch({
	id: 'service',
	params,
	look: async (store, answers, limits) => (await lookOver(store, answers, [answers], limits))[0],
	lookOver,
	words: ({ about, value, reference }) => {
		const usual = (text: (value: number) => string): string => (reference == null ? '' : `, usually ${text(reference)}`);
		const ms = (time: number): string => `${number(time)} ms`;
		if (about === 'missing_traffic') return value === 1 ? 'no answers at all' : `${percent(value)} fewer answers than usual at this time`;
		if (about === 'errors') return `${percent(value)} of the rows have no answer${usual(percent)}`;
		return `one answer in a hundred takes longer than ${ms(value ?? 0)}${usual(ms)}`;
	},
});

const lengthOf = ({ from, until }: Span): number => Date.parse(until) - Date.parse(from);

/** Windows of one length that lie a whole number of windows apart share one reading of the log. */
async function lookOver(store: Store, watched: Watched, spans: readonly Span[], limits: Params): Promise<Looked[]> {
	const looked: Looked[] = [];
	let read: { traffic: ServiceTraffic; span: Span } | undefined;
	for (const span of spans) {
		const length = lengthOf(span);
		const apart = read ? (Date.parse(span.from) - Date.parse(read.span.from)) / length : Number.NaN;
		if (!read || lengthOf(read.span) !== length || !Number.isInteger(apart) || apart < 0)
			read = { traffic: await serviceTraffic(store, watched, span, spans.at(-1)!.until), span };
		const at = Date.parse(span.from) === Date.parse(read.span.from) ? 0 : apart;
		looked.push(await lookAt(store, { ...watched, ...span }, limits, { ...read.traffic, at }));
	}
	return looked;
}

async function lookAt(store: Store, answers: WatchedAnswers, limits: Params, traffic: ServiceTraffic & { at: number }): Promise<Looked> {
	const { slots, first, at } = traffic;
	const now = slots.get(at) ?? { answers: 0, errors: 0, unlogged: 0, timed: 0, versions: [] };
	const past = [...slots].filter(([slot]) => slot < at).map(([, slot]) => slot);
	const notes: Looked['notes'] = [];
	if (now.unlogged > 0)
		notes.push({ code: 'unlogged', text: `${count(now.unlogged, 'answer')} could not be written to the log, so they are not looked at.` });
	const missing = missingTraffic(now, (offset) => slots.get(at + offset)?.answers ?? 0, answers, first);
	if (!missing) notes.push({ code: 'usual_unknown', text: 'How many answers are usual at this time of the week is not known yet.' });
	const findings = [
		...(missing ?? [{ about: 'traffic', value: now.answers, unit: 'answers', weight: 0 }]),
		...errorsOf(now, past, limits),
		...latencyOf(now, past, limits),
		...(await agesOf(store, answers, limits)),
	];
	const judged = findings.some(({ weight, pValue, why }) => weight !== 0 && (pValue !== undefined || why !== undefined));
	return {
		rows: now.answers,
		versions: now.versions,
		notes,
		findings,
		...(judged ? {} : { waiting: 'Nobody asked it, and what is usual is not known yet.' }),
		summary: summaryOf(now),
	};
}

const summaryOf = ({ answers, errors, p99 }: Slot): string =>
	answers === 0
		? 'No answers.'
		: `${count(answers, 'answer')}, ${percent(errors / answers)} without one${p99 === undefined ? '' : `, 99 % within ${number(p99)} ms`}.`;

/**
 * Fewer answers than usual at this hour of this weekday, and of this kind of day (workdays, weekends): the one knows what is special about
 * Mondays, the other knows sooner. Undefined where neither is known yet.
 */
function missingTraffic(
	now: Slot,
	/** Answers so many windows later. */
	answersAt: (offset: number) => number,
	span: Span,
	first: number | undefined,
): Finding[] | undefined {
	if (first === undefined) return undefined;
	const start = Date.parse(span.from);
	const length = lengthOf(span);
	const near = length <= CLOCK_CHANGE_MS ? Math.round(CLOCK_CHANGE_MS / length) : 0;
	/** The least of the hour before, this and the next, so that a change of clocks is no loss. One more, since zero has no logarithm. */
	const least = (at: number): number => 1 + Math.min(...Array.from({ length: 2 * near + 1 }, (_, i) => answersAt(at + i - near)));
	const weekend = (at: number): boolean => [0, 6].includes(new Date(start + at * length).getUTCDay());
	const alike = (every: number, keep: (at: number) => boolean): number[] => {
		const step = every / length;
		if (!Number.isInteger(step)) return [];
		const values: number[] = [];
		for (let at = -step; start + (at - near) * length >= first && at > -MOST_SLOTS; at -= step) if (keep(at)) values.push(least(at));
		return values;
	};
	const weeks = usualOf(
		alike(WEEK_MS, () => true),
		LEAST_WEEKS,
	);
	const daily = Math.max(DAY_MS, length);
	const kind = (at: number): boolean => length > DAY_MS || weekend(at) === weekend(0);
	const days =
		usualOf(alike(daily, kind), LEAST_DAYS) ??
		usualOf(
			alike(daily, () => true),
			LEAST_ANY_DAYS,
		);
	const known = [weeks, days].filter((usual) => usual !== undefined);
	if (known.length === 0) return undefined;
	const usual = Math.exp(known[0].mean) - 1;
	const chances = known.map((one) => chanceOf(1 + now.answers, one, 'below', { noise: Math.exp(-one.mean) }));
	return [
		{ about: 'traffic', value: now.answers, reference: usual, unit: 'answers', weight: 0 },
		{
			about: 'missing_traffic',
			value: usual > 0 ? Math.max(0, 1 - now.answers / usual) : 0,
			reference: 0,
			unit: 'share',
			pValue: Math.min(1, known.length * Math.min(...chances)),
			weight: 1,
		},
	];
}

type Past = readonly Slot[];

function errorsOf({ answers, errors }: Slot, past: Past, { max_error_share: most }: Params): Finding[] {
	if (answers === 0) return [];
	const share = errors / answers;
	const busy = past.filter((slot) => slot.answers > 0);
	const all = busy.reduce((sum, slot) => sum + slot.answers, 0);
	const usual = all >= LEAST_ANSWERS ? busy.reduce((sum, slot) => sum + slot.errors, 0) / all : undefined;
	const minded = usual === undefined ? ERRORS_AT_FIRST : Math.min(1, usual + MORE_ERRORS);
	// Errors come together, so windows of the past say how different one is from the next; half an error, since none has no logarithm.
	const spread = usualOf(
		busy.filter((slot) => slot.answers >= LEAST_ANSWERS).map((slot) => (slot.errors + 0.5) / (slot.answers + 1)),
		LEAST_WINDOWS,
	);
	const chances = [chanceOfHits(errors, answers, minded), ...(spread ? [chanceOf((errors + 0.5) / (answers + 1), spread, 'above')] : [])];
	const broken = most !== undefined && answers >= LEAST_ANSWERS && share > most;
	return [
		{
			about: 'errors',
			value: share,
			...(usual === undefined ? {} : { reference: usual }),
			unit: 'share',
			weight: 1,
			...(broken
				? { why: `${percent(share)} of the rows have no answer; ${percent(most)} are allowed.` }
				: { pValue: Math.max(...chances) }),
		},
	];
}

function latencyOf({ timed, p50, p99 }: Slot, past: Past, { max_ms: most }: Params): Finding[] {
	if (timed < LEAST_ANSWERS || p99 === undefined) return [];
	const usual = usualOf(
		past.flatMap((slot) => (slot.timed >= LEAST_ANSWERS && slot.p99 !== undefined ? [slot.p99] : [])),
		LEAST_WINDOWS,
	);
	const broken = most !== undefined && p99 > most;
	const judged = broken
		? { why: `One answer in a hundred takes longer than ${number(p99)} ms; ${number(most)} ms are allowed.`, weight: 1 }
		: usual
			? { pValue: chanceOf(p99, usual, 'above', { tolerance: SLOWER }), weight: 1 }
			: { weight: 0 };
	return [
		{ about: 'latency_p99', value: p99, ...(usual ? { reference: Math.exp(usual.mean) } : {}), unit: 'ms', ...judged },
		...(p50 === undefined ? [] : [{ about: 'latency_median', value: p50, unit: 'ms', weight: 0 }]),
	];
}

/** For how long the version answers, and how old the newest data are under the name of those that it learned from. */
async function agesOf(store: Store, { model, alias = 'champion', versions, until }: WatchedAnswers, limits: Params): Promise<Finding[]> {
	const since = versions?.length === 1 ? await sinceRegistered(store, model, versions[0]) : await sinceMoved(store, model, alias, until);
	if (!since) return [];
	const days = (at: string): number => Math.max(0, (Date.parse(until) - Date.parse(at)) / DAY_MS);
	const age = (about: string, value: number, most: number | undefined, what: string): Finding => ({
		about,
		value,
		unit: 'days',
		weight: 0,
		...(most !== undefined && value > most
			? { weight: 1, why: `${what} ${count(Math.floor(value), 'day')} old; ${number(most)} are allowed.` }
			: {}),
	});
	const findings = [age('version_age', days(since.at), limits.max_age_days, `Version ${since.version} is`)];
	const version = await store.find('modelVersion', model, since.version);
	const data = version && (await newestData(store, version.body.runId));
	return data ? [...findings, age('data_age', days(data), limits.max_data_age_days, 'The newest data are')] : findings;
}

interface Since {
	version: number;
	at: string;
}

async function sinceMoved(store: Store, model: string, alias: string, until: string): Promise<Since | undefined> {
	const [moved] = await store.aliasHistory(model, alias, { until, limit: 1 });
	return moved && moved.to !== null ? { version: moved.to, at: moved.at } : undefined;
}

async function sinceRegistered(store: Store, model: string, version: number): Promise<Since | undefined> {
	const record = await store.find('modelVersion', model, version);
	return record && { version, at: record.createdAt };
}

async function newestData(store: Store, runId: string): Promise<string | undefined> {
	try {
		const run = await store.get('run', runId);
		const { name } = await store.get('dataset', run.body.datasetId);
		return (await store.find('dataset', name))?.createdAt;
	} catch {
		// A model that was brought along has neither.
		return undefined;
	}
}
