import { MlopsError } from '../domain/errors.js';
import type { Finding, MonitorRecord, VerdictRecord } from '../domain/monitor.js';
import { canonicalJson } from '../domain/json.js';
import type { Context } from '../domain/progress.js';
import { parseParams } from '../domain/params.js';
import { alarmOver, type SeenWindow } from '../monitor/alarm/alarm.js';
import type { Store } from '../store/contract.js';
import { findMonitor } from './monitors.js';
import { closedWindows, lookAgain, type Window } from './monitorWindows.js';
import { positionOf, verdictsOf } from './verdicts.js';
import type { Looked, Span, Watch, Watched } from './watches/contract.js';
import { watchOf } from './watches/index.js';

const YEAR_HOURS = 365.25 * 24;
const HOUR_MS = 3_600_000;
/** Where nobody has told any truth of a model yet, the first one is waited for so long. */
const TRUTH_DAYS = 30;
/** Windows that are looked at before what was found is kept. */
const PIECE = 31;

export interface LookRequest {
	monitor: string;
	/** The present moment, ISO 8601. */
	now: string;
	/** When this was asked last, so that windows that wait are not looked at again each time. */
	previous?: string;
	/** A failure that is no matter of the monitor is written down, too: it was tried often enough. */
	giveUp?: boolean;
}

export interface LookResult {
	/** Version of the newest verdict that all of it is behind; 0: there was none. */
	expect: number;
	/** What is to be kept, in this order. */
	verdicts: VerdictRecord[];
	/** There are more windows to look at: ask again. */
	more: boolean;
	/** Where the next window begins, ISO 8601. */
	position: string;
}

/**
 * Looks at the windows of a monitor that have closed and were not looked at, the oldest first, and again at those that wait for their
 * truth. It changes nothing: from the same store, at the same moment, the same comes out.
 */
export async function lookOver(store: Store, request: LookRequest, context: Context): Promise<LookResult> {
	const { body: monitor } = await findMonitor(store, request.monitor);
	const now = Date.parse(request.now);
	const known = await verdictsOf(store, monitor.id);
	const expect = Math.max(0, ...known.map(({ version }) => version));
	const position = positionOf(monitor.since, known, now);
	const waiting = known.map(({ body }) => body).filter((body) => isDueAgain(body, monitor, request, now));
	const again = waiting.map(spanOf).sort((a, b) => a.from - b.from);
	const { windows, skipped, more } =
		monitor.window.by === 'time'
			? closedWindows(monitor.window.hours, position, now, Math.max(1, PIECE - again.length))
			: await windowsOfRows(store, monitor, monitor.window.rows, position, now);
	const due = [...again.slice(0, PIECE), ...windows];
	const looked = await lookAt(store, monitor, due, request, context);
	const history = new Map(known.map(({ body }) => [body.from, body]));
	const verdicts: VerdictRecord[] = [];
	for (const [i, window] of due.entries()) {
		const notes = skipped > 0 && window === windows[0] ? [skippedNote(skipped)] : [];
		const verdict = verdictOf(monitor, window, looked[i], notes, history, now);
		const before = history.get(verdict.from);
		history.set(verdict.from, verdict);
		// A window that still waits for the same is nothing new.
		if (before && saidBy(before) === saidBy(verdict)) continue;
		verdicts.push(verdict);
	}
	return { expect, verdicts, more: more || again.length > PIECE, position: new Date(windows.at(-1)?.until ?? position).toISOString() };
}

const saidBy = ({ verdict, rows, known, findings, summary }: VerdictRecord): string =>
	canonicalJson({ verdict, rows, known: known ?? null, findings, summary });

const spanOf = ({ from, until }: VerdictRecord): Window => ({ from: Date.parse(from), until: Date.parse(until) });

function isDueAgain(body: VerdictRecord, { everyMinutes }: MonitorRecord, { previous }: LookRequest, now: number): boolean {
	const until = Date.parse(body.until);
	return body.verdict === 'waiting' && until <= now && lookAgain(until, everyMinutes, previous ? Date.parse(previous) : undefined, now);
}

const skippedNote = (windows: number) => ({
	code: 'windows_skipped',
	text: `${windows} windows before this one were not looked at: nobody looked for too long.`,
});

/** Windows of so many answers, without those that no answer was given to. */
async function windowsOfRows(store: Store, { model, alias, version }: MonitorRecord, rows: number, position: number, now: number) {
	const since = new Date(position).toISOString();
	const until = new Date(now).toISOString();
	const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;
	// Answers of one moment stay together.
	const [...moments] = await store.log.query(
		(relation) =>
			`SELECT moment FROM (SELECT epoch_ms("at")::DOUBLE AS moment, row_number() OVER (ORDER BY "at", id) AS n FROM ${relation} WHERE ` +
			`model = ${text(model)} AND ${version === undefined ? `alias = ${text(alias)}` : `version = ${version}`} AND ` +
			`"at" >= TIMESTAMP '${since}' AND "at" < TIMESTAMP '${until}' AND ` +
			`error IS NULL AND unlogged IS NULL) WHERE n % ${rows} = 0 ORDER BY moment LIMIT ${PIECE + 1}`,
		'answers',
		{ since, until },
	);
	const windows: Window[] = [];
	let from = position;
	for (const [at] of moments as number[][]) {
		if (at < from) continue;
		windows.push({ from, until: at + 1 });
		from = at + 1;
	}
	return { windows: windows.slice(0, PIECE), skipped: 0, more: windows.length > PIECE };
}

/** What was found in each window, or why it could not be looked at. */
async function lookAt(
	store: Store,
	{ model, alias, version, segments, watch: id, params: given }: MonitorRecord,
	windows: readonly Window[],
	{ now, giveUp }: LookRequest,
	context: Context,
): Promise<Array<Looked | MlopsError>> {
	const watch = watchOf(id);
	const watched: Watched = { model, ...(version === undefined ? { alias } : { versions: [version] }), segments, now };
	const spans = windows.map(({ from, until }) => ({ from: new Date(from).toISOString(), until: new Date(until).toISOString() }));
	const params = parseParams(watch.params, given, id);
	if (watch.lookOver && spans.length > 1) {
		try {
			return await watch.lookOver(store, watched, spans, params, context);
		} catch (thrown) {
			if (!isLasting(MlopsError.from(thrown)) && !giveUp) throw thrown;
			// One of them cannot be looked at: which one, each says for itself.
		}
	}
	const looked: Array<Looked | MlopsError> = [];
	for (const span of spans) looked.push(await one(store, watch, watched, span, params, context, giveUp));
	return looked;
}

async function one(
	store: Store,
	watch: Watch,
	watched: Watched,
	span: Span,
	params: Record<string, unknown>,
	context: Context,
	giveUp: boolean | undefined,
): Promise<Looked | MlopsError> {
	try {
		return await watch.look(store, { ...watched, ...span }, params, context);
	} catch (thrown) {
		const error = MlopsError.from(thrown);
		if (isLasting(error) || giveUp) return error;
		throw error;
	}
}

/** Whether another look would find the same: it is about the model, its data or the monitor, and not about the machine. */
const isLasting = ({ code }: MlopsError): boolean =>
	/^(?:monitor|data|learn|evaluate|input|recipe)\.|^store\.(?:not_found|foreign)$/.test(code);

function verdictOf(
	monitor: MonitorRecord,
	{ from, until }: Window,
	looked: Looked | MlopsError,
	notes: Looked['notes'],
	history: ReadonlyMap<string, VerdictRecord>,
	now: number,
): VerdictRecord {
	const about = {
		monitor: monitor.id,
		model: monitor.model,
		watch: monitor.watch,
		from: new Date(from).toISOString(),
		until: new Date(until).toISOString(),
	};
	if (looked instanceof MlopsError) {
		const { code, message, details } = looked;
		const said = [...notes, { code, text: details.remedy ? `${message} ${details.remedy}` : message }];
		const waitsUntil = until + TRUTH_DAYS * 24 * HOUR_MS;
		const waits = code === 'monitor.no_truth' && waitsUntil > now;
		return {
			...{ ...about, versions: [], rows: 0, findings: [], summary: message, notes: said },
			...(waits ? { verdict: 'waiting', waitsUntil: new Date(waitsUntil).toISOString() } : { verdict: 'unknown' }),
		};
	}
	const { waiting, waitsUntil, summary, ...seen } = looked;
	const found = { ...about, ...seen, notes: [...notes, ...seen.notes] };
	if (waiting !== undefined) {
		const waits = waitsUntil !== undefined && Date.parse(waitsUntil) > now;
		return { ...found, ...(waits ? { verdict: 'waiting', waitsUntil } : { verdict: 'unknown' }), summary: waiting };
	}
	const { alarm, findings, said } = judge(monitor, found, history);
	return { ...found, findings, verdict: alarm ? 'alarm' : 'ok', summary: said ?? summary ?? 'All is as usual.' };
}

/** Whether that is an alarm, by a limit that somebody set or by all that was found so far. */
function judge(
	monitor: MonitorRecord,
	now: Pick<VerdictRecord, 'from' | 'until' | 'findings'>,
	history: ReadonlyMap<string, VerdictRecord>,
): { alarm: boolean; findings: Finding[]; said?: string } {
	const before = [...history.values()].filter(({ from, verdict }) => from < now.from && (verdict === 'ok' || verdict === 'alarm'));
	const { alarm, causes, summary } = alarmOver([...before, now] as SeenWindow[], {
		falseAlarmsAYear: monitor.falseAlarmsAYear,
		windowsAYear: windowsAYear(monitor, before),
	});
	const broken = now.findings.filter(({ pValue, why, weight }) => why !== undefined && pValue === undefined && weight !== 0);
	const caused = (one: Finding) => causes.find(({ about, segment }) => about === one.about && segment === one.segment);
	const findings = now.findings.map((one) => {
		const cause = one.why === undefined ? caused(one) : undefined;
		return cause ? { ...one, why: `Not as before since ${moment([cause])} (UTC).` } : one;
	});
	const { words } = watchOf(monitor.watch);
	const told =
		words && causes.length > 0 ? `Since ${moment(causes)} (UTC): ${causes.map(({ finding }) => words(finding)).join('; ')}.` : summary;
	const said = [...broken.map(({ why }) => why!), ...(alarm ? [told] : [])].join(' ');
	return { alarm: alarm || broken.length > 0, findings, ...(said ? { said } : {}) };
}

/** When the first of them began: `2026-03-01 14:00`. */
const moment = (causes: ReadonlyArray<{ since: string }>): string =>
	causes
		.map(({ since }) => since)
		.sort()[0]
		.slice(0, 16)
		.replace('T', ' ');

/** Of windows of rows as many as there would be at the pace so far. */
function windowsAYear({ window }: MonitorRecord, before: readonly VerdictRecord[]): number {
	if (window.by === 'time') return YEAR_HOURS / window.hours;
	if (before.length < 2) return 365;
	const times = before.flatMap(({ from, until }) => [Date.parse(from), Date.parse(until)]);
	return Math.max(1, (before.length * YEAR_HOURS * HOUR_MS) / Math.max(1, Math.max(...times) - Math.min(...times)));
}
