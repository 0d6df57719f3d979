import { own } from '../domain/dictionary.js';
import { MlopsError } from '../domain/errors.js';
import type { RolloutRecord } from '../domain/rollout.js';
import type { EventKind, ItemEvent } from '../domain/serverEvent.js';
import { lineText } from '../domain/text.js';
import type { AuditEvent, Store } from '../store/contract.js';
import { changesText } from './changesForCallers.js';
import { basics, type Meaning } from './eventMeaning.js';
import { incidentMeanings } from './incidentEvents.js';
import { withPeople } from './modelPeople.js';

/** How far somebody has read the audit chain: plain data, kept by the reader. */
export interface Position {
	storeId: string;
	/** Number of the last event that was told. */
	seq: number;
	/** Kinds that are told, each with the number from which on: what nobody asked for then is not told later. */
	kinds: Partial<Record<EventKind, number>>;
}

export interface Watch {
	kinds: readonly EventKind[];
	/** Only what is about these; empty: all, and what is about none. */
	models: readonly string[];
}

const PAGE = 500;

/**
 * The position of a reader, for these kinds, who has read up to `before`: the present end of the chain where there is none of this store.
 */
export async function positionFor(store: Store, kinds: readonly EventKind[], before: Partial<Position> | undefined): Promise<Position> {
	const end = (await store.auditLog({ limit: 1 }))[0]?.seq ?? 0;
	// A store that was put back from a backup has fewer events: the numbers above its end belong to others.
	const known = before?.storeId === store.id && before.seq !== undefined && before.seq <= end ? before : undefined;
	return {
		storeId: store.id,
		seq: known?.seq ?? end,
		kinds: Object.fromEntries(kinds.map((kind) => [kind, known?.kinds?.[kind] ?? end])),
	};
}

/** Of two positions of one reader the later one. */
export const laterOf = (a: Position | undefined, b: Position | undefined): Position | undefined =>
	a && b && a.storeId === b.storeId && b.seq > a.seq ? { ...a, seq: b.seq } : a;

/**
 * The next events behind a position, the oldest first, and the position behind them. Whoever keeps that position, once these are told, is
 * told none twice and misses none.
 */
export async function eventsAfter(
	store: Store,
	position: Position,
	{ models }: Watch,
): Promise<{ events: ItemEvent[]; position: Position }> {
	const page = await store.auditLog({ since: position.seq, limit: PAGE });
	const events: ItemEvent[] = [];
	for (const entry of page) {
		const event = await eventOf(store, entry);
		if (!event || (models.length > 0 && !aboutOf(entry, event).some((model) => models.includes(model)))) continue;
		const from = position.kinds[event.kind as EventKind];
		if (from !== undefined && entry.seq > from) events.push(event);
	}
	return { events, position: { ...position, seq: page.at(-1)?.seq ?? position.seq } };
}

/** Two positions to keep: behind the event that is told now, and behind those that were told a good while ago. */
export interface Told {
	now: Position;
	settled: Position;
}

export interface Listener {
	tell(event: ItemEvent, positions: Told): void;
	/** What was told up to here has settled. */
	settled(position: Position): Promise<void>;
	/** Events cannot be read at the moment, as a sentence. */
	trouble(sentence: string): void;
}

const EVERY_MS = 1_000;
const SLOWEST_MS = 30_000;
/** Whoever was told has begun what it does by then. */
const SETTLE_MS = 10_000;

/**
 * Looks for events once a second until it is stopped by what it gives back. While the store cannot be read it looks less and less often,
 * and says so once.
 */
export function followEvents(store: Store, start: Position, watch: Watch, listener: Listener): () => void {
	let position = start;
	let settled = start;
	let toldAt = -Infinity;
	let stopped = false;
	let wait = EVERY_MS;
	let timer: NodeJS.Timeout;
	const look = async (): Promise<void> => {
		try {
			if (settled.seq < position.seq && performance.now() - toldAt > SETTLE_MS) {
				settled = position;
				if (Number.isFinite(toldAt)) await listener.settled(settled);
				toldAt = -Infinity;
			}
			const next = await eventsAfter(store, position, watch);
			for (const event of next.events) {
				// Whoever hears of one may want no more of them.
				if (stopped) return;
				toldAt = performance.now();
				listener.tell(event, { now: { ...position, seq: event.seq! }, settled });
			}
			position = next.position;
			wait = EVERY_MS;
		} catch (thrown) {
			if (stopped) return;
			if (wait === EVERY_MS) listener.trouble(`Events cannot be read: ${MlopsError.from(thrown).message} They are told when they can be.`);
			wait = Math.min(wait * 2, SLOWEST_MS);
		}
		if (!stopped) timer = setTimeout(() => void look(), wait);
	};
	timer = setTimeout(() => void look(), 0);
	return () => {
		stopped = true;
		clearTimeout(timer);
	};
}

/** What an entry of the chain means to people who watch models; undefined for everything else. */
async function eventOf(store: Store, entry: AuditEvent): Promise<ItemEvent | undefined> {
	try {
		const event = await own(MEANINGS, entry.action)?.(store, entry);
		return event && (await withPeople(store, event));
	} catch (thrown) {
		const { code, message } = MlopsError.from(thrown);
		// A record that was altered must not keep all that comes behind it from being told.
		if (code !== 'store.corrupt' && code !== 'store.not_found') throw thrown;
		const kind = entry.action === 'drift.added' ? 'alert' : entry.action.startsWith('incident.') ? 'incidentOpened' : 'rolloutStep';
		return { kind, what: `Something happened that cannot be read: ${message}`, ...basics(entry) };
	}
}

/** The models that an event is about: a batch of truth may be about several. */
const aboutOf = ({ details: { models } }: AuditEvent, { model }: ItemEvent): string[] =>
	model === undefined ? Object.keys((models as object | undefined) ?? {}) : [model];

const MOVES: Record<string, string> = {
	roll_back: 'was rolled back',
	override: 'was deployed in spite of a refusal',
	deploy: 'was deployed',
};
const SHARE = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 });

/** Entries behind a move of an alias that may belong to it. */
const BESIDE = 10;

/** What the deployment that moved an alias said of its callers: filed behind the move, in the same transaction. */
async function changesTold(store: Store, { subject, seq, details: { alias, to } }: AuditEvent): Promise<string[]> {
	const behind = await store.auditLog({ since: seq, limit: BESIDE });
	const said = behind.find(
		(e) => e.action === 'deploy.answers_changed' && e.subject === `${subject}@${String(to)}` && e.details.alias === alias,
	);
	return (said?.details.changes as string[] | undefined) ?? [];
}

const MEANINGS: Record<string, Meaning> = {
	'alias.moved': async (store, entry) => {
		const { alias, from, to, kind } = entry.details as { alias: string; from: number | null; to: number | null; kind?: string };
		const before = from === null ? '' : `, before it was version ${from}`;
		const moved =
			to === null
				? `${entry.subject}: the alias "${alias}" points to nothing any more${before}.`
				: `${entry.subject} version ${to} ${own(MOVES, kind ?? '') ?? 'was put in use'}: the alias "${alias}" points to it${before}.`;
		const changes = await changesTold(store, entry);
		return {
			kind: 'aliasMoved',
			what: [moved, changesText(changes)].filter(Boolean).join(' '),
			...(changes.length ? { changes } : {}),
			model: entry.subject,
			alias,
			version: to,
			previousVersion: from,
			...basics(entry),
		};
	},
	'approval.created': async (store, entry) => {
		const { approval: id, title, approvers = [] } = entry.details as { approval: string; title: string; approvers?: string[] };
		const asked = await store.approval(id);
		const whose = approvers.map(lineText).join(', ');
		const until = asked ? `, until ${asked.expiresAt.slice(0, 16).replace('T', ' ')} UTC` : '';
		return {
			kind: 'approvalAsked',
			what: `"${title}" waits for a decision${whose ? ` by ${whose}` : ''}${until}.`,
			...(asked?.subject.modelName === undefined ? {} : { model: asked.subject.modelName }),
			...basics(entry),
			record: id,
		};
	},
	'approval.decided': async (store, entry) => {
		const { approval: id, status, comment } = entry.details as { approval: string; status: string; comment?: string };
		const asked = await store.approval(id);
		const decision = own(DECISIONS, status) ?? `became "${status}"`;
		return {
			kind: 'approvalDecided',
			what: `"${asked?.subject.title ?? id}" ${decision}${comment ? `: "${comment}"` : '.'}`,
			...(asked?.subject.modelName === undefined ? {} : { model: asked.subject.modelName }),
			...basics(entry),
			...(comment ? { reason: comment } : {}),
			record: id,
		};
	},
	'drift.added': async (store, entry) => {
		const { id } = entry.details as { id: string };
		const { body } = await store.get('drift', id);
		if (!body.drifted) return undefined;
		return { kind: 'alert', what: body.summary, ...(body.modelName === undefined ? {} : { model: body.modelName }), ...basics(entry) };
	},
	'rollout.added': async (store, entry) => {
		const { id, version } = entry.details as { id: string; version: number };
		const { body } = await store.get('rollout', id);
		return rolloutEvent(body, version, entry);
	},
	...incidentMeanings,
	'truth.told': (_, entry) => {
		const { rows, models = {} } = entry.details as { rows: number; models?: Record<string, number> };
		const about = Object.keys(models);
		return {
			kind: 'truthReceived',
			what:
				`What turned out to be true of ${rows} ${rows === 1 ? 'answer' : 'answers'} was told` +
				`${about.length ? ` (${about.map(lineText).join(', ')})` : ''}.`,
			...(about.length === 1 ? { model: about[0] } : {}),
			...basics(entry),
		};
	},
};

const DECISIONS: Record<string, string> = {
	approved: 'was approved',
	rejected: 'was rejected',
	expired: 'ran out of time without a decision',
	closed: 'was closed without a decision',
};

/** A rollout is told by its newest version: it began, took a step, or ended. */
function rolloutEvent(body: RolloutRecord, version: number, entry: AuditEvent): ItemEvent {
	const { id, model, state, candidates, stable, kind, ended, startedBy } = body;
	const who = candidates.map((c) => `version ${c.version} (${SHARE.format(c.share)})`).join(', ');
	const about = { model, alias: body.alias, rollout: id, previousVersion: stable, ...basics(entry) };
	if (state === 'running') {
		const began = version === 1;
		const { ready } = body;
		if (ready)
			return {
				...about,
				kind: 'rolloutStep',
				what: `${model}: the ${NAMES[kind]} "${id}" is done. Version ${ready.version} may be promoted: ${ready.reason}`,
				version: ready.version,
				reason: ready.reason,
			};
		return {
			...about,
			kind: 'rolloutStep',
			what: `${model}: the ${NAMES[kind]} "${id}" ${began ? 'began' : `is at step ${body.step + 1} of ${body.steps.length}`} with ${who}.`,
			version: candidates[0]!.version,
			...(began ? { actor: startedBy } : {}),
		};
	}
	return {
		...about,
		kind: state === 'promoted' ? 'rolloutPromoted' : 'rolloutAborted',
		what:
			`${model}: the ${NAMES[kind]} "${id}" was ${state === 'promoted' ? 'promoted' : 'aborted'}; ` +
			`version ${ended?.version ?? stable} answers. ${ended?.reason ?? ''}`.trim(),
		version: ended?.version ?? stable,
		...(ended ? { actor: ended.by, reason: ended.reason } : {}),
	};
}

const NAMES: Record<RolloutRecord['kind'], string> = { canary: 'canary', shadow: 'shadow', ab: 'A/B test' };
