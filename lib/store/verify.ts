import { setImmediate as breathe } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { MlopsError } from '../domain/errors.js';
import type { ApprovalRequest } from '../domain/approval.js';
import { canonicalJson } from '../domain/json.js';
import { moveFacts } from './aliases.js';
import { wellFormedJson } from '../domain/text.js';
import { decisionFacts, requestFacts } from './approvals.js';
import type { OwnArtifacts } from './artifacts/contract.js';
import { eventOf, expectEvent, hashOf } from './audit.js';
import type { AuditEvent, RecordKind, StatedException, Verified, VerifyProgress } from './contract.js';
import { createHalves } from './halves.js';
import { checkSegments, noteSegments, type SaidSegments } from './log/checkSegments.js';
import { LOG_REMOVED, LOG_SEALED } from './log/journal.js';
import { genesis, type Seal } from './seal/seal.js';
import type { Database } from './sql/contract.js';
import type { LogTables, Tables } from './sql/migrations.js';
import { aboutOf, addedAction, artifactsOf, FILED, filingOf, recordFacts, recordOf } from './records.js';
import { checkStructure, checkTables } from './tables.js';

/** Rows between two moments in which the calling thread may do other things. */
const PIECE = 100;
const REMEDY = "Restore the store's folder from a backup, and find out who changed it.";

const broken = (what: string): MlopsError => new MlopsError('store.audit_broken', what, { remedy: REMEDY });
const corrupt = (what: string): MlopsError => new MlopsError('store.corrupt', what, { remedy: REMEDY });

/** What is looked at: both databases, the chain's key, and the files. */
export interface Premises {
	database: Database<Tables>;
	log: Database<LogTables>;
	storeId: string;
	seal: Seal;
	artifacts: OwnArtifacts;
	/** Where the segments of the log lie. */
	home: string;
}

/**
 * Proves that the store holds what was written to it, or throws at the first thing that is not so. In this order: the databases' own
 * structure; the audit chain, event by event, up to its signed end; the records, memos, aliases, policies, approvals and archive, each of
 * which must be exactly what the chain says, moments and order included; the tables as such; every artifact that they name, byte for byte;
 * every other file that lies beside those; and the sealed segments of the log. What older versions left that cannot be so is listed as an
 * exception, each with what was checked instead.
 * @throws `store.audit_broken`, `store.corrupt`
 */
export async function verifyStore(
	{ database, log, storeId, seal, artifacts, home }: Premises,
	progress: VerifyProgress = () => {},
): Promise<Verified> {
	// Taken before the snapshot: the chain may only have grown since.
	const anchor = await seal.anchored();
	const present = await artifacts.listed();
	const exceptions: StatedException[] = [];
	const { needed, counts, segments } = await database.snapshot(async (db) => {
		progress('The database', 0.02);
		await checkStructure(database.dialect, db, 'The database');
		progress('The audit chain', 0.1);
		const said = await walkChain(db, storeId, seal, exceptions);
		await expectEvent(db, storeId, anchor);
		const artifactsNeeded = new Map<string, string>();
		progress('The records', 0.3);
		const records = await checkRecords(db, said, artifactsNeeded);
		await checkMemos(db, said, exceptions);
		await checkMoves(db, said);
		await checkPolicies(db, said);
		await checkArchive(db, said);
		await checkApprovals(db, said, artifactsNeeded);
		await checkTables(database.dialect, db, { storeId, seal, exceptions });
		return { needed: artifactsNeeded, counts: { events: said.events, ...records }, segments: said.segments };
	});
	await log.snapshot(async (db) => await checkStructure(log.dialect, db, 'The log'));
	let looked = 0;
	for (const [digest, owner] of needed) {
		if (looked++ % PIECE === 0) progress('The files', 0.5 + (0.4 * looked) / needed.size);
		const verdict = await artifacts.check(digest);
		if (verdict !== 'good')
			throw corrupt(`The file ${digest.slice(0, 12)}... of ${owner} ${verdict === 'missing' ? 'is missing' : 'was altered'}.`);
	}
	progress('Other files, and the log', 0.9);
	await checkOthers(artifacts, present, needed, exceptions);
	await checkSegments(home, segments, async () => await removedSince(database.read, counts.events), exceptions);
	return exceptions.length > 0 ? { ...counts, exceptions } : counts;
}

/** Segments that were removed while we looked. */
async function removedSince(db: Kysely<Tables>, seq: number): Promise<Set<string>> {
	const later = await db.selectFrom('audit_event').selectAll().where('seq', '>', seq).where('action', '=', LOG_REMOVED).execute();
	return new Set(later.flatMap((row) => eventOf(row).details['files'] as string[]));
}

/**
 * Files that no record names: what came before reports, charts and exports were records, and what a process that was killed left. Their
 * names say what must be in them.
 */
async function checkOthers(
	artifacts: OwnArtifacts,
	present: Awaited<ReturnType<OwnArtifacts['listed']>>,
	needed: ReadonlyMap<string, string>,
	exceptions: StatedException[],
): Promise<void> {
	const unnamed = present.digests.filter((digest) => !needed.has(digest));
	for (const digest of unnamed)
		if ((await artifacts.check(digest)) === 'altered') throw corrupt(`The file ${digest.slice(0, 12)}... was altered.`);
	if (unnamed.length > 0) {
		exceptions.push({
			about: 'artifacts',
			text:
				`${unnamed.length === 1 ? 'One file is' : `${unnamed.length} files are`} named by no record (reports, charts and ` +
				`exports of before these were records, or left by work that was cut off). Each holds what its name says; whether one ` +
				`is missing cannot be told.`,
		});
	}
	if (present.others.length > 0)
		exceptions.push({
			about: 'artifacts',
			text:
				`${present.others.length} ${present.others.length === 1 ? 'entry is' : 'entries are'} no artifact (for example ` +
				`${present.others[0]}), so not looked at.`,
		});
}

/** What the chain says the tables must hold: facts by what they are about, each a canonical text. */
interface Said {
	events: number;
	/** Facts, moment and event of each record. */
	records: Map<string, { facts: string; at: string; seq: number }>;
	/** The event that filed a memo last, and the record. */
	memos: Map<string, { record: string; seq: number }>;
	moves: Map<number, string>;
	policies: Map<string, string>;
	archived: Map<string, number>;
	requests: Map<string, string>;
	decisions: Map<string, string>;
	segments: SaidSegments;
}

async function walkChain(db: Kysely<Tables>, storeId: string, seal: Seal, exceptions: StatedException[]): Promise<Said> {
	const halves = createHalves();
	const said: Said = {
		events: 0,
		records: new Map(),
		memos: new Map(),
		moves: new Map(),
		policies: new Map(),
		archived: new Map(),
		requests: new Map(),
		decisions: new Map(),
		segments: new Map(),
	};
	let previous = genesis(storeId);
	let at: string | undefined;
	for (;;) {
		const rows = await db.selectFrom('audit_event').selectAll().where('seq', '>', said.events).orderBy('seq').limit(PIECE).execute();
		for (const row of rows) {
			const expected = said.events + 1;
			if (row.seq !== expected) throw broken(`Event ${expected} of the audit log is missing.`);
			const event = parsed(row);
			if (event.previous !== previous) throw broken(`Event ${row.seq} of the audit log does not follow the one before it.`);
			if (canonicalJson(event.details) !== row.details) throw altered(row.seq);
			halves.learn(event.details);
			const hashed = withoutHash(event);
			const meant = event.hash === hashOf(hashed) ? hashed : await halves.recover(hashed, event.hash);
			if (!meant) throw altered(row.seq);
			const kept = wellFormedJson(event);
			if (meant !== hashed || kept !== event) exceptions.push(halfCharacter(event, meant !== hashed));
			previous = event.hash;
			at = event.at;
			said.events = row.seq;
			note(said, kept);
		}
		if (rows.length < PIECE) break;
		await breathe();
	}
	const heads = await db.selectFrom('audit_head').selectAll().execute();
	const [head] = heads;
	if (!head || heads.length !== 1 || head.id !== 1) throw broken('The end of the audit log is missing.');
	await seal.check(head, head.mac);
	if (head.seq !== said.events || head.hash !== previous)
		throw broken(
			`The audit log ends at event ${said.events}, but its signed end is event ${head.seq}: events were ` +
				`${head.seq > said.events ? 'cut off' : 'added by hand'}.`,
		);
	if (Number.isNaN(Date.parse(head.at)) || (at !== undefined && head.at !== at))
		throw broken("The moment of the audit log's end was altered.");
	return said;
}

function parsed(row: Tables['audit_event']): AuditEvent {
	try {
		return eventOf(row);
	} catch {
		throw altered(row.seq);
	}
}

const altered = (seq: number): MlopsError => broken(`Event ${seq} of the audit log was altered.`);

const halfCharacter = ({ seq }: AuditEvent, recovered: boolean): StatedException => ({
	about: `event ${seq}`,
	text: recovered
		? 'A text in it (who, what or about what) held half a character, an emoji cut in two. It was hashed so; the database keeps ' +
			'U+FFFD in its place. The text that fits the hash was found.'
		: 'A text in its details holds half a character, an emoji cut in two, and its hash is over that. Other tables keep U+FFFD in ' +
			'its place, and were compared so.',
});

function withoutHash({ hash: _, ...rest }: AuditEvent): Omit<AuditEvent, 'hash'> {
	return rest;
}

function note(said: Said, event: AuditEvent): void {
	const { details } = event;
	switch (event.action) {
		case 'alias.moved':
			said.moves.set(event.seq, canonicalJson({ model: event.subject, at: event.at, actor: event.actor, ...details }));
			break;
		case 'policy.changed':
			said.policies.set(event.subject, canonicalJson(details['policy']));
			break;
		case 'model.archived':
			said.archived.set(canonicalJson([event.subject, details['version']]), event.seq);
			break;
		case 'approval.created':
			said.requests.set(String(details['approval']), canonicalJson({ request: details['request'], at: event.at, seq: event.seq }));
			break;
		case 'approval.decided':
			said.decisions.set(String(details['approval']), canonicalJson({ ...details, at: event.at, actor: event.actor }));
			break;
		case LOG_SEALED:
		case LOG_REMOVED:
			noteSegments(said.segments, event);
			break;
		case FILED:
			noteFiling(said, event);
			break;
		default:
			if (event.action === addedAction(details['kind'] as RecordKind)) {
				const { memo: _, ...own } = details;
				said.records.set(String(details['id']), { facts: canonicalJson(own), at: event.at, seq: event.seq });
				noteFiling(said, event);
			}
	}
}

function noteFiling(said: Said, event: AuditEvent): void {
	const filing = filingOf(event);
	if (filing) said.memos.set(memoKey(filing), { record: filing.record, seq: event.seq });
}

const memoKey = ({ kind, memo }: { kind: string; memo: string }): string => canonicalJson([kind, memo]);

async function checkRecords(db: Kysely<Tables>, said: Said, needed: Map<string, string>): Promise<{ records: number; reports?: number }> {
	const parents = new Map<string, string[]>();
	for (const { child, parent } of await db.selectFrom('parent').selectAll().execute()) {
		const known = parents.get(child);
		if (known) known.push(parent);
		else parents.set(child, [parent]);
	}
	let after = 0;
	let newest = 0;
	const counts = { records: 0, reports: 0 };
	for (;;) {
		const rows = await db.selectFrom('record').selectAll().where('seq', '>', after).orderBy('seq').limit(PIECE).execute();
		for (const row of rows) {
			const label = `${row.kind} "${row.name}" version ${row.version}`;
			const record = recordOf<RecordKind>(row);
			const written = said.records.get(row.id);
			if (written?.facts !== canonicalJson(recordFacts(row, parents.get(row.id) ?? [])))
				throw corrupt(`The record ${label} is not what the audit log says was written.`);
			if (written.at !== row.created_at) throw corrupt(`The record ${label} was not made when it says.`);
			if (row.about !== aboutOf(record.kind, record.body))
				throw corrupt(`The record ${label} is filed under something else than it is about.`);
			// The newest of several counts, so their order is part of what they say.
			if (written.seq < newest)
				throw corrupt(`The record ${label} is not in the order in which the audit log says that records were written.`);
			newest = written.seq;
			said.records.delete(row.id);
			for (const digest of artifactsOf(record.kind, record.body)) if (!needed.has(digest)) needed.set(digest, label);
			after = row.seq;
			counts[row.kind === 'report' || row.kind === 'file' ? 'reports' : 'records']++;
		}
		if (rows.length < PIECE) break;
		await breathe();
	}
	const [lost] = said.records.values();
	if (lost !== undefined) {
		const facts = JSON.parse(lost.facts) as { kind: string; name: string; version: number };
		throw corrupt(`The record ${facts.kind} "${facts.name}" version ${facts.version} is missing.`);
	}
	return counts.reports > 0 ? counts : { records: counts.records };
}

async function checkMemos(db: Kysely<Tables>, said: Said, exceptions: StatedException[]): Promise<void> {
	let older = 0;
	for (const row of await db.selectFrom('memo').selectAll().execute()) {
		const filed = said.memos.get(memoKey(row));
		if (row.seq === null && !filed) {
			older++;
			continue;
		}
		if (filed?.record !== row.record || filed.seq !== row.seq)
			throw corrupt(`What is to be given back for a ${row.kind} (table "memo") is not what the audit log says.`);
		said.memos.delete(memoKey(row));
	}
	for (const key of said.memos.keys())
		throw corrupt(`A line of the table "memo" that the audit log speaks of is missing (${(JSON.parse(key) as string[])[0]}).`);
	if (older > 0)
		exceptions.push({
			about: 'memo',
			text:
				`${older} ${older === 1 ? 'line was' : 'lines were'} filed by a version that did not write so into the audit log. ` +
				`Nothing is given back for them.`,
		});
}

async function checkMoves(db: Kysely<Tables>, said: Said): Promise<void> {
	for (const row of await db.selectFrom('alias_move').selectAll().orderBy('seq').execute()) {
		if (said.moves.get(row.seq) !== canonicalJson({ model: row.model, at: row.at, actor: row.actor, ...moveFacts(row) }))
			throw broken(`The move of the alias "${row.alias}" of "${row.model}" (event ${row.seq}) is not what the audit log says.`);
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
		if (said.archived.get(key) !== row.seq)
			throw broken(`Version ${row.version} of the model "${row.model}" is archived without an event in the audit log.`);
		said.archived.delete(key);
	}
	for (const key of said.archived.keys()) throw broken(`The archived version ${key} is marked so in the audit log alone.`);
}

async function checkApprovals(db: Kysely<Tables>, said: Said, needed: Map<string, string>): Promise<void> {
	for (const row of await db.selectFrom('approval').selectAll().execute()) {
		const { request } = requestFacts(row);
		if (said.requests.get(row.id) !== canonicalJson({ request, at: row.created_at, seq: row.seq }))
			throw broken(`The approval ${row.id} is not what the audit log says was asked.`);
		const { items, subject } = JSON.parse(row.request) as ApprovalRequest;
		const actor = row.decided_by ?? 'system';
		const decided = row.status === 'pending' ? undefined : canonicalJson({ ...decisionFacts(row), at: row.decided_at, actor });
		const open = row.status === 'pending' && (row.decided_by ?? row.decided_at ?? row.comment) !== null;
		if (open || said.decisions.get(row.id) !== decided || (subject.model ?? null) !== row.model)
			throw broken(`The decision on the approval ${row.id} is not what the audit log says.`);
		said.requests.delete(row.id);
		said.decisions.delete(row.id);
		if (!needed.has(items)) needed.set(items, `the approval ${row.id}`);
	}
	for (const id of [...said.requests.keys(), ...said.decisions.keys()]) throw broken(`The approval ${id} is missing.`);
}
