import type { Kysely, Transaction } from 'kysely';
import { MlopsError } from '../domain/errors.js';
import { behindPrefix } from './prefix.js';
import { canonicalJson, sha256 } from '../domain/json.js';
import type { AuditEvent, Store } from './contract.js';
import { genesis, type Head, type Seal } from './seal/seal.js';
import type { Database } from './sql/contract.js';
import type { Tables } from './sql/migrations.js';

export interface AuditEntry {
	actor: string;
	action: string;
	subject: string;
	details?: Record<string, unknown>;
}

/** Adds an event to the chain inside the running transaction. */
export type Append = (entry: AuditEntry) => Promise<AuditEvent>;

/** Transactions whose changes go into the audit chain together with what they change. */
export interface Ledger {
	change<T>(work: (db: Transaction<Tables>, append: Append) => Promise<T>): Promise<T>;
}

/** Where statements that only read go: the database, or a transaction that is under way. */
export type View = Pick<Database<Tables>, 'read'>;

/**
 * The chain's anchor follows its end at this distance at most: so many events, or so long after the last one. What was cut off or put
 * back within that distance after a crash of all writers is not found; a store that was closed has no such distance.
 */
export const ANCHOR_EVENTS = 64;
export const ANCHOR_MS = 1000;

type EventRow = Tables['audit_event'];

/** What an event's hash is made of. */
export const hashedText = ({ previous, ...rest }: Omit<AuditEvent, 'hash'>): string => `${previous}\n${canonicalJson(rest)}`;
export const hashOf = (event: Omit<AuditEvent, 'hash'>): string => sha256(hashedText(event));

export const eventOf = (row: EventRow): AuditEvent => ({ ...row, details: JSON.parse(row.details) as Record<string, unknown> });

export interface Chain extends Ledger {
	/** Adds an event signed with a fresh key, which signs from now on. */
	renewKey(append: (change: Append, id: number) => Promise<AuditEvent>, renew: () => Promise<number>): Promise<AuditEvent>;
	/** The number of the last event, once the chain's end was checked. @throws `store.audit_broken` */
	soundEnd(): Promise<number>;
	/** Moves the anchor to the chain's end, if this process moved that end. Called when the store is closed. */
	settle(): Promise<void>;
}

export function createLedger(database: Database<Tables>, storeId: string, seal: Seal): Chain {
	/** The furthest end that this process knows, and when it last looked at the anchor. */
	let known: Head = { seq: 0, hash: genesis(storeId) };
	let looked = -ANCHOR_MS;
	let anchored: Head = known;
	let timer: NodeJS.Timeout | undefined;
	/** The anchor on its way behind the end; one at a time, since each holds the chain's lock. */
	let following = Promise.resolve();

	async function lookAtAnchor(): Promise<void> {
		anchored = await seal.anchored();
		looked = performance.now();
		if (anchored.seq > known.seq) known = anchored;
	}

	/** Refuses to build on a chain whose end was altered, since a new signature would cover that up. */
	async function soundHead(db: Kysely<Tables>): Promise<Head & { at: string }> {
		const head = await db.selectFrom('audit_head').selectAll().where('id', '=', 1).executeTakeFirst();
		if (!head)
			throw new MlopsError('store.audit_broken', 'The end of the audit log is missing.', {
				remedy: "Restore the store's folder from a backup.",
			});
		if (performance.now() - looked >= ANCHOR_MS) await lookAtAnchor();
		await seal.check(head, head.mac);
		await expectEvent(db, storeId, head);
		if (known.seq !== head.seq) await expectEvent(db, storeId, known);
		return head;
	}

	/** Moves the anchor to this end, which was committed. The caller holds the chain's lock. */
	async function anchorAt({ seq, hash }: Head): Promise<void> {
		await seal.anchor({ seq, hash });
		anchored = { seq, hash };
	}

	async function flush(): Promise<void> {
		clearTimeout(timer);
		timer = undefined;
		await database.write(async (db) => {
			await database.dialect.lockHead(db);
			await anchorAt(await soundHead(db));
		});
	}

	function moved(end: Head): void {
		if (end.seq > known.seq) known = end;
		// Whatever hinders it hinders the next change too, which says so once the distance is too long.
		timer ??= setTimeout(() => (following = flush().catch(() => {})), ANCHOR_MS).unref();
	}

	const change: Ledger['change'] = async (work) => {
		let end: Head | undefined;
		const result = await database.write(async (db) => {
			end = undefined;
			await database.dialect.lockHead(db);
			const append: Append = async (entry) => {
				const head = await soundHead(db);
				if (!end && head.seq - anchored.seq >= ANCHOR_EVENTS) {
					// Other processes may have moved it meanwhile.
					await lookAtAnchor();
					if (head.seq - anchored.seq >= ANCHOR_EVENTS) await anchorAt(head);
				}
				const event = await appended(db, head, entry, seal);
				end = { seq: event.seq, hash: event.hash };
				return event;
			};
			return await work(db, append);
		});
		if (end) moved(end);
		return result;
	};
	return {
		change,
		async renewKey(append, renew) {
			const event = await change(async (_, add) => await append(add, await renew()));
			await flush();
			return event;
		},
		soundEnd: async () => (await soundHead(database.read)).seq,
		async settle() {
			// Else a process that ends right away would leave the file that the anchor is moved by, and the anchor where it was.
			await following;
			if (timer) await flush().catch(() => {});
		},
	};
}

/** Adds the event and signs the chain's new end. */
async function appended(db: Transaction<Tables>, head: Head & { at: string }, entry: AuditEntry, seal: Seal): Promise<AuditEvent> {
	const now = new Date().toISOString();
	const body = {
		seq: head.seq + 1,
		// Clocks of several processes may differ: time never runs backwards in the chain.
		at: now < head.at ? head.at : now,
		actor: entry.actor,
		action: entry.action,
		subject: entry.subject,
		details: jsonOf(entry.details ?? {}),
		previous: head.hash,
	};
	const event: AuditEvent = { ...body, hash: hashOf(body) };
	await db
		.insertInto('audit_event')
		.values({ ...event, details: canonicalJson(event.details) })
		.execute();
	const end = { seq: event.seq, hash: event.hash };
	await db
		.updateTable('audit_head')
		.set({ ...end, at: event.at, mac: await seal.sign(end) })
		.where('id', '=', 1)
		.execute();
	return event;
}

/** @throws `store.audit_broken` unless event `seq` is there with this hash */
export async function expectEvent(db: Kysely<Tables>, storeId: string, { seq, hash }: Head): Promise<void> {
	const found =
		seq === 0 ? genesis(storeId) : (await db.selectFrom('audit_event').select('hash').where('seq', '=', seq).executeTakeFirst())?.hash;
	if (found === hash) return;
	throw new MlopsError(
		'store.audit_broken',
		found === undefined ? `Event ${seq} of the audit log is missing: its end was cut.` : `Event ${seq} of the audit log was altered.`,
		{ remedy: "Restore the store's folder from a backup, and find out who changed it." },
	);
}

/** The head of an empty chain, written when the store is made. */
export async function beginChain(db: Transaction<Tables>, storeId: string, seal: Seal): Promise<void> {
	const head = { seq: 0, hash: genesis(storeId) };
	await db
		.insertInto('audit_head')
		.values({ id: 1, ...head, at: new Date().toISOString(), mac: await seal.sign(head) })
		.execute();
}

/** Details as JSON keeps them, so that the hash of what is read back is that of what was written. */
function jsonOf(details: Record<string, unknown>): Record<string, unknown> {
	try {
		return JSON.parse(canonicalJson(details)) as Record<string, unknown>;
	} catch (error) {
		throw new MlopsError('input.invalid', 'The details of an audit event must be plain JSON.', { cause: error });
	}
}

/** Actions that the store itself writes, each with the change it stands for. */
const OWN_ACTIONS: ReadonlySet<string> = new Set([
	'alias.moved',
	'policy.changed',
	'model.registered',
	'model.archived',
	'approval.created',
	'approval.decided',
	'dataset.added',
	'run.added',
	'evaluation.added',
	'drift.added',
	'report.added',
	'file.added',
	'apiKey.added',
	'rollout.added',
	'monitor.added',
	'verdict.added',
	'incident.added',
	'person.added',
	'people.added',
	'memo.filed',
	'key.rotated',
	'log.sealed',
	'log.removed',
]);

export function createAudit(view: View, ledger: Ledger): Pick<Store, 'audit' | 'auditLog'> {
	return {
		async audit(entry) {
			if (OWN_ACTIONS.has(entry.action))
				throw new MlopsError('internal', `The audit action "${entry.action}" is the store's own: it is written with the change itself.`);
			return await ledger.change((_, append) => append(entry));
		},
		async auditLog({ subject, actor, action, from, until, before, since, limit } = {}) {
			let query = view.read
				.selectFrom('audit_event')
				.selectAll()
				.orderBy('seq', since === undefined ? 'desc' : 'asc');
			if (since !== undefined) query = query.where('seq', '>', since);
			if (before !== undefined) query = query.where('seq', '<', before);
			if (subject !== undefined) query = query.where('subject', '=', subject);
			if (actor !== undefined) query = query.where('actor', '=', actor);
			if (action !== undefined) query = query.where('action', '>=', action).where('action', '<', behindPrefix(action));
			if (from !== undefined) query = query.where('at', '>=', from);
			if (until !== undefined) query = query.where('at', '<', until);
			if (limit !== undefined) query = query.limit(limit);
			return (await query.execute()).map(eventOf);
		},
	};
}
