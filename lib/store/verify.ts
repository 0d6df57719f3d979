import { setImmediate as breathe } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { MlopsError } from '../domain/errors.js';
import type { ApprovalRequest } from '../domain/approval.js';
import { canonicalJson } from '../domain/json.js';
import { moveFacts } from './aliases.js';
import { decisionFacts, requestFacts } from './approvals.js';
import type { OwnArtifacts } from './artifacts.js';
import { eventOf, expectEvent, hashOf } from './audit.js';
import type { AuditEvent, RecordKind } from './contract.js';
import { genesis, type Seal } from './keys.js';
import type { Tables } from './migrations.js';
import { addedAction, artifactsOf, recordFacts, recordOf } from './records.js';
import type { Database } from './sqlite.js';

/** Rows between two moments in which the calling thread may do other things. */
const PIECE = 100;
const REMEDY = 'Restore the store\'s folder from a backup, and find out who changed it.';

const broken = (what: string): MlopsError => new MlopsError('store.audit_broken', what, { remedy: REMEDY });
const corrupt = (what: string): MlopsError => new MlopsError('store.corrupt', what, { remedy: REMEDY });

/**
 * Proves that the store holds what was written to it, or throws at the first thing that is not so. In this order: the database's own
 * structure; the audit chain, event by event, up to its signed end; the records, aliases, policies, approvals and archive, each of
 * which must be exactly what the chain says; and every artifact that they name, byte for byte.
 * @throws `store.audit_broken`, `store.corrupt`
 */
export async function verifyStore(database: Database<Tables>, storeId: string, seal: Seal, artifacts: OwnArtifacts): Promise<{ events: number; records: number }> {
	// Taken before the snapshot: the chain may only have grown since.
	const anchor = seal.anchored();
	const { needed, counts } = await database.snapshot(async (db) => {
		await checkStructure(db);
		const said = await walkChain(db, storeId, seal);
		await expectEvent(db, storeId, anchor);
		const artifactsNeeded = new Map<string, string>();
		const records = await checkRecords(db, said, artifactsNeeded);
		await checkMoves(db, said);
		await checkPolicies(db, said);
		await checkArchive(db, said);
		await checkApprovals(db, said, artifactsNeeded);
		return { needed: artifactsNeeded, counts: { events: said.events, records } };
	});
	for (const [digest, owner] of needed) {
		const verdict = await artifacts.check(digest);
		if (verdict !== 'good') throw corrupt(`The file ${digest.slice(0, 12)}... of ${owner} ${verdict === 'missing' ? 'is missing' : 'was altered'}.`);
	}
	return counts;
}

/** What the chain says the tables must hold: facts by what they are about, each a canonical text. */
interface Said {
	events: number;
	records: Map<string, string>;
	moves: Map<number, string>;
	policies: Map<string, string>;
	archived: Map<string, number>;
	requests: Map<string, string>;
	decisions: Map<string, string>;
}

async function checkStructure(db: Kysely<Tables>): Promise<void> {
	const { sql } = await import('kysely');
	const { rows } = await sql<{ quick_check: string }>`PRAGMA quick_check(1)`.execute(db);
	if (rows[0]?.quick_check !== 'ok') throw corrupt(`The database of the MLOps store is damaged: ${rows[0]?.quick_check ?? 'no answer'}.`);
}

async function walkChain(db: Kysely<Tables>, storeId: string, seal: Seal): Promise<Said> {
	const said: Said = { events: 0, records: new Map(), moves: new Map(), policies: new Map(), archived: new Map(), requests: new Map(), decisions: new Map() };
	let previous = genesis(storeId);
	for (;;) {
		const rows = await db.selectFrom('audit_event').selectAll().where('seq', '>', said.events).orderBy('seq').limit(PIECE).execute();
		for (const row of rows) {
			const expected = said.events + 1;
			if (row.seq !== expected) throw broken(`Event ${expected} of the audit log is missing.`);
			const event = parsed(row);
			if (event.previous !== previous) throw broken(`Event ${row.seq} of the audit log does not follow the one before it.`);
			if (event.hash !== hashOf(withoutHash(event)) || canonicalJson(event.details) !== row.details) throw broken(`Event ${row.seq} of the audit log was altered.`);
			previous = event.hash;
			said.events = row.seq;
			note(said, event);
		}
		if (rows.length < PIECE) break;
		await breathe();
	}
	const heads = await db.selectFrom('audit_head').selectAll().execute();
	const [head] = heads;
	if (!head || heads.length !== 1) throw broken('The end of the audit log is missing.');
	seal.check(head, head.mac);
	if (head.seq !== said.events || head.hash !== previous) throw broken(`The audit log ends at event ${said.events}, but its signed end is event ${head.seq}: events were ${head.seq > said.events ? 'cut off' : 'added by hand'}.`);
	return said;
}

function parsed(row: Tables['audit_event']): AuditEvent {
	try {
		return eventOf(row);
	} catch {
		throw broken(`Event ${row.seq} of the audit log was altered.`);
	}
}

function withoutHash({ hash: _, ...rest }: AuditEvent): Omit<AuditEvent, 'hash'> {
	return rest;
}

function note(said: Said, event: AuditEvent): void {
	const { details } = event;
	const facts = canonicalJson(details);
	switch (event.action) {
		case 'alias.moved': said.moves.set(event.seq, canonicalJson({ model: event.subject, at: event.at, actor: event.actor, ...details })); break;
		case 'policy.changed': said.policies.set(event.subject, canonicalJson(details['policy'])); break;
		case 'model.archived': said.archived.set(canonicalJson([event.subject, details['version']]), event.seq); break;
		case 'approval.created': said.requests.set(String(details['approval']), canonicalJson({ request: details['request'], at: event.at, seq: event.seq })); break;
		case 'approval.decided': said.decisions.set(String(details['approval']), canonicalJson({ ...details, at: event.at, actor: event.actor })); break;
		default: if (event.action === addedAction(details['kind'] as RecordKind)) said.records.set(String(details['id']), facts);
	}
}

async function checkRecords(db: Kysely<Tables>, said: Said, needed: Map<string, string>): Promise<number> {
	const parents = new Map<string, string[]>();
	for (const { child, parent } of await db.selectFrom('parent').selectAll().execute()) {
		const known = parents.get(child);
		if (known) known.push(parent);
		else parents.set(child, [parent]);
	}
	let after = 0;
	let count = 0;
	for (;;) {
		const rows = await db.selectFrom('record').selectAll().where('seq', '>', after).orderBy('seq').limit(PIECE).execute();
		for (const row of rows) {
			const label = `${row.kind} "${row.name}" version ${row.version}`;
			const record = recordOf<RecordKind>(row);
			if (said.records.get(row.id) !== canonicalJson(recordFacts(row, parents.get(row.id) ?? []))) throw corrupt(`The record ${label} is not what the audit log says was written.`);
			said.records.delete(row.id);
			for (const digest of artifactsOf(record.kind, record.body)) if (!needed.has(digest)) needed.set(digest, label);
			after = row.seq;
			count++;
		}
		if (rows.length < PIECE) break;
		await breathe();
	}
	const [lost] = said.records.values();
	if (lost !== undefined) {
		const facts = JSON.parse(lost) as { kind: string; name: string; version: number };
		throw corrupt(`The record ${facts.kind} "${facts.name}" version ${facts.version} is missing.`);
	}
	return count;
}

async function checkMoves(db: Kysely<Tables>, said: Said): Promise<void> {
	for (const row of await db.selectFrom('alias_move').selectAll().orderBy('seq').execute()) {
		if (said.moves.get(row.seq) !== canonicalJson({ model: row.model, at: row.at, actor: row.actor, ...moveFacts(row) })) throw broken(`The move of the alias "${row.alias}" of "${row.model}" (event ${row.seq}) is not what the audit log says.`);
		said.moves.delete(row.seq);
	}
	for (const seq of said.moves.keys()) throw broken(`The move of an alias in event ${seq} of the audit log is missing from the registry.`);
}

async function checkPolicies(db: Kysely<Tables>, said: Said): Promise<void> {
	for (const row of await db.selectFrom('policy').selectAll().execute()) {
		if (said.policies.get(row.model) !== row.policy) throw broken(`The policy of the model "${row.model}" is not what the audit log says.`);
		said.policies.delete(row.model);
	}
	for (const model of said.policies.keys()) throw broken(`The policy of the model "${model}" is missing.`);
}

async function checkArchive(db: Kysely<Tables>, said: Said): Promise<void> {
	for (const row of await db.selectFrom('archived').selectAll().execute()) {
		const key = canonicalJson([row.model, row.version]);
		if (said.archived.get(key) !== row.seq) throw broken(`Version ${row.version} of the model "${row.model}" is archived without an event in the audit log.`);
		said.archived.delete(key);
	}
	for (const key of said.archived.keys()) throw broken(`The archived version ${key} is marked so in the audit log alone.`);
}

async function checkApprovals(db: Kysely<Tables>, said: Said, needed: Map<string, string>): Promise<void> {
	for (const row of await db.selectFrom('approval').selectAll().execute()) {
		const { request } = requestFacts(row);
		if (said.requests.get(row.id) !== canonicalJson({ request, at: row.created_at, seq: row.seq })) throw broken(`The approval ${row.id} is not what the audit log says was asked.`);
		const { items, subject } = JSON.parse(row.request) as ApprovalRequest;
		const actor = row.decided_by ?? 'system';
		const decided = row.status === 'pending' ? undefined : canonicalJson({ ...decisionFacts(row), at: row.decided_at, actor });
		if (said.decisions.get(row.id) !== decided || (subject.model ?? null) !== row.model) throw broken(`The decision on the approval ${row.id} is not what the audit log says.`);
		said.requests.delete(row.id);
		said.decisions.delete(row.id);
		if (!needed.has(items)) needed.set(items, `the approval ${row.id}`);
	}
	for (const id of [...said.requests.keys(), ...said.decisions.keys()]) throw broken(`The approval ${id} is missing.`);
}
