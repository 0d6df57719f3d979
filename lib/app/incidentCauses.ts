import { SEVERITY_OF, type IncidentRecord, type IncidentStep, type Severity } from '../domain/incident.js';
import type { VerdictRecord } from '../domain/monitor.js';
import { WATCHES, type WatchId } from '../domain/watches.js';
import type { StoredRecord, Transactional } from '../store/contract.js';
import { awake, findIncident, listIncidents, stepIncident, SYSTEM, tellIncident, type Incident } from './incidents.js';
import { verdictsOf } from './verdicts.js';

type Monitor = StoredRecord<'monitor'>;

/** Calm windows after which a monitor has nothing to say to an incident any more; twice as many each time that it came back. */
const CALM = 2;
const MOST_CALM = 24;
/** Records of a monitor in which its last alarm is looked for. */
const LOOK_BACK = 100;

/**
 * What can be the matter with a model: the world (or its data) is not what it was, which drift, estimates and the truth all show, each in
 * its time; or answers do not come. An incident is about one of them.
 */
const causeOf = (watch: WatchId): 'world' | 'service' => (watch === 'service' ? 'service' : 'world');
const causeOfIncident = ({ watches: [first] }: IncidentRecord) => causeOf(first);

/** What a verdict means for the incidents of its model. */
export interface Concern {
	/** The incident that an alarm belongs to. */
	incident?: string;
	/** Writes down what changes, once the verdict has its id. */
	keep(verdict: string): Promise<void>;
}

const NOTHING: Concern = { keep: async () => {} };

/**
 * Whether an alarm opens an incident, joins one, or comes back to one that was closed a moment ago; whether a calm window ends one. All
 * within the transaction that keeps the verdict.
 */
export async function afterVerdict(store: Transactional, monitor: Monitor, verdict: VerdictRecord, now: Date): Promise<Concern> {
	if (verdict.verdict !== 'alarm' && verdict.verdict !== 'ok') return NOTHING;
	const about = (await listIncidents(store, { model: verdict.model, state: 'all' })).filter(
		({ body }) => body.alias === monitor.body.alias,
	);
	const calm = calmOf(store, verdict);
	if (verdict.verdict === 'ok') {
		const part = about.filter(({ body }) => body.state !== 'closed' && body.monitors.includes(monitor.name));
		return {
			keep: async (id) => {
				for (const incident of part) await settle(store, incident, calm, now, id);
			},
		};
	}
	// What was found out late and is over by now is in the verdict, and wakes nobody up.
	if ((await calm(monitor.name, CALM)).over) return NOTHING;
	const alike = about.filter(({ body }) => causeOfIncident(body) === causeOf(verdict.watch));
	const open = alike.find(({ body }) => body.state !== 'closed');
	if (open) return { incident: open.name, keep: async (id) => await join(store, open, monitor, verdict, id, now) };
	const back = alike.find(({ body }) => cameBack(body, verdict));
	if (back) return { incident: back.name, keep: async (id) => await comeBack(store, back, monitor, verdict, id, now) };
	const name = `${verdict.model}-${1 + (await listIncidents(store, { model: verdict.model, state: 'all' })).length}`;
	return { incident: name, keep: async (id) => await begin(store, name, monitor, verdict, id, now) };
}

const worst = (watches: readonly WatchId[]): Severity => (watches.some((watch) => SEVERITY_OF[watch] === 'page') ? 'page' : 'tell');
const stepBy = (what: IncidentStep['what'], text: string, now: Date): IncidentStep => ({ at: now.toISOString(), by: SYSTEM, what, text });
const windowText = ({ from, until }: VerdictRecord): string => `${from.slice(0, 16)} to ${until.slice(0, 16)}`.replaceAll('T', ' ');
const sentenceOf = (verdict: VerdictRecord): string => `${WATCHES[verdict.watch][0]}, ${windowText(verdict)} (UTC): ${verdict.summary}`;

async function begin(store: Transactional, id: string, monitor: Monitor, verdict: VerdictRecord, found: string, now: Date): Promise<void> {
	const step = stepBy('opened', sentenceOf(verdict), now);
	const made = await store.add('incident', id, {
		id,
		model: verdict.model,
		alias: monitor.body.alias,
		severity: SEVERITY_OF[verdict.watch],
		state: 'open',
		watches: [verdict.watch],
		monitors: [monitor.name],
		verdicts: [found],
		title: verdict.summary,
		version: verdict.versions.at(-1) ?? null,
		openedAt: now.toISOString(),
		history: [step],
	});
	await tellIncident(store, made, step);
}

/** One more alarm of what is open already: worth a step only where another monitor shows it, or where it now pages. */
async function join(store: Transactional, { name }: Incident, monitor: Monitor, verdict: VerdictRecord, found: string, now: Date) {
	const incident = await findIncident(store, name);
	const { severity, state, watches, monitors, verdicts } = incident.body;
	const known = monitors.includes(monitor.name);
	const rises = severity === 'tell' && SEVERITY_OF[verdict.watch] === 'page';
	if (known && !rises) return;
	await stepIncident(store, incident, {
		watches: watches.includes(verdict.watch) ? watches : [...watches, verdict.watch],
		monitors: known ? monitors : [...monitors, monitor.name],
		verdicts: [...verdicts, found],
		// Whoever put it aside did not know of this; and what pages is what the incident is about.
		...(rises
			? {
					severity: 'page',
					title: verdict.summary,
					...(state === 'snoozed' ? { state: awake(incident.body), snoozedUntil: undefined } : {}),
				}
			: {}),
		step: stepBy(rises ? 'worse' : 'joined', sentenceOf(verdict), now),
	});
}

async function comeBack(store: Transactional, { name }: Incident, monitor: Monitor, verdict: VerdictRecord, found: string, now: Date) {
	const incident = await findIncident(store, name);
	const { watches, monitors, verdicts } = incident.body;
	await stepIncident(store, incident, {
		state: awake(incident.body),
		closedAt: undefined,
		severity: SEVERITY_OF[verdict.watch],
		title: verdict.summary,
		watches: watches.includes(verdict.watch) ? watches : [...watches, verdict.watch],
		monitors: monitors.includes(monitor.name) ? monitors : [...monitors, monitor.name],
		verdicts: [...verdicts, found],
		step: stepBy('reopened', sentenceOf(verdict), now),
	});
}

/** Whether an alarm is that of an incident which was closed a few of its windows ago, by whomever. */
function cameBack({ closedAt }: IncidentRecord, { from, until }: VerdictRecord): boolean {
	const length = Date.parse(until) - Date.parse(from);
	return closedAt !== undefined && Date.parse(from) < Date.parse(closedAt) + CALM * length;
}

/** How often an incident came back by itself. */
const returns = ({ history }: IncidentRecord): number => history.filter(({ what, by }) => what === 'reopened' && by === SYSTEM).length;
const calmNeeded = (body: IncidentRecord): number => Math.min(MOST_CALM, CALM * 2 ** returns(body));

/** Whether a monitor has been calm for so many windows since its last alarm, and what it watches; one that has ended says nothing more. */
type Calm = (monitor: string, windows: number) => Promise<{ over: boolean; watch: WatchId }>;

/** @param verdict what was found just now and is not kept yet */
const calmOf =
	(store: Transactional, verdict?: VerdictRecord): Calm =>
	async (name, windows) => {
		const { body } = (await store.find('monitor', name))!;
		const kept = (await verdictsOf(store, name, LOOK_BACK)).map((record) => record.body);
		const all = verdict?.monitor === name ? [...kept.filter(({ from }) => from !== verdict.from), verdict] : kept;
		const judged = all
			.filter(({ verdict: said }) => said === 'ok' || said === 'alarm')
			.sort((a, b) => Date.parse(b.from) - Date.parse(a.from));
		const alarm = judged.findIndex(({ verdict: said }) => said === 'alarm');
		return { over: body.state === 'ended' || (alarm < 0 ? judged.length : alarm) >= windows, watch: body.watch };
	};

/** Ends an incident of which no monitor shows anything any more; lets it be less severe where only others do. */
async function settle(store: Transactional, { name }: Incident, calm: Calm, now: Date, verdict?: string): Promise<void> {
	const incident = await findIncident(store, name);
	const { severity, monitors, verdicts, state } = incident.body;
	if (state === 'closed') return;
	const needed = calmNeeded(incident.body);
	const restless: WatchId[] = [];
	for (const monitor of monitors) {
		const { over, watch } = await calm(monitor, needed);
		if (!over) restless.push(watch);
	}
	const shown = verdict ? { verdicts: [...verdicts, verdict] } : {};
	if (restless.length === 0) {
		const text = verdict ? `Nothing was found in ${needed} windows, one after the other.` : 'Nothing that showed it is watched any more.';
		const closed = { state: 'closed' as const, closedAt: now.toISOString(), snoozedUntil: undefined };
		await stepIncident(store, incident, { ...shown, ...closed, step: stepBy('closed', text, now) });
	} else if (severity === 'page' && worst(restless) === 'tell') {
		const still = restless.map((watch) => WATCHES[watch][0]).join(', ');
		await stepIncident(store, incident, { ...shown, severity: 'tell', step: stepBy('better', `What still shows it: ${still}.`, now) });
	}
}

/** What follows for the incidents of a model when one of its monitors has ended: those that no other monitor shows end with it. */
export async function afterEnd(store: Transactional, { name, body }: Monitor, now: Date): Promise<void> {
	for (const incident of await listIncidents(store, { model: body.model }))
		if (incident.body.monitors.includes(name)) await settle(store, incident, calmOf(store), now);
}
