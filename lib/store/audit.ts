import type { Kysely, Transaction } from 'kysely';
import { MlopsError } from '../domain/errors.js';
import { canonicalJson, sha256 } from '../domain/json.js';
import type { AuditEvent, Store } from './contract.js';
import { genesis, type Head, type Seal } from './seal/keys.js';
import type { Tables } from './sql/migrations.js';
import type { Database } from './sql/sqlite/database.js';

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

type EventRow = Tables['audit_event'];

/** What an event's hash is made of. */
export const hashedText = ({ previous, ...rest }: Omit<AuditEvent, 'hash'>): string => `${previous}\n${canonicalJson(rest)}`;
export const hashOf = (event: Omit<AuditEvent, 'hash'>): string => sha256(hashedText(event));

export const eventOf = (row: EventRow): AuditEvent => ({ ...row, details: JSON.parse(row.details) as Record<string, unknown> });

export function createLedger(database: Database<Tables>, storeId: string, seal: Seal): Ledger {
	/** Refuses to build on a chain whose end was altered, since a new signature would cover that up. */
	async function soundHead(db: Kysely<Tables>): Promise<Head & { at: string }> {
		const head = await db.selectFrom('audit_head').selectAll().where('id', '=', 1).executeTakeFirst();
		if (!head)
			throw new MlopsError('store.audit_broken', 'The end of the audit log is missing.', {
				remedy: "Restore the store's folder from a backup.",
			});
		seal.check(head, head.mac);
		await expectEvent(db, storeId, head);
		const anchor = seal.anchored();
		if (anchor.seq !== head.seq) await expectEvent(db, storeId, anchor);
		return head;
	}

	return {
		async change(work) {
			let end: Head | undefined;
			const result = await database.write(async (db) => {
				const append: Append = async (entry) => {
					const head = await soundHead(db);
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
					end = { seq: event.seq, hash: event.hash };
					await db
						.updateTable('audit_head')
						.set({ ...end, at: event.at, mac: seal.sign(end) })
						.where('id', '=', 1)
						.execute();
					return event;
				};
				return await work(db, append);
			});
			if (end) await seal.anchor(end);
			return result;
		},
	};
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
		.values({ id: 1, ...head, at: new Date().toISOString(), mac: seal.sign(head) })
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
	'memo.filed',
]);

export function createAudit(database: Database<Tables>, ledger: Ledger): Pick<Store, 'audit' | 'auditLog'> {
	return {
		async audit(entry) {
			if (OWN_ACTIONS.has(entry.action))
				throw new MlopsError('internal', `The audit action "${entry.action}" is the store's own: it is written with the change itself.`);
			return await ledger.change((_, append) => append(entry));
		},
		async auditLog({ subject, limit } = {}) {
			let query = database.read.selectFrom('audit_event').selectAll().orderBy('seq', 'desc');
			if (subject !== undefined) query = query.where('subject', '=', subject);
			if (limit !== undefined) query = query.limit(limit);
			return (await query.execute()).map(eventOf);
		},
	};
}
