import { copyFile, mkdir } from 'node:fs/promises';
import type { Insertable, Kysely, Transaction } from 'kysely';
import { MlopsError } from '../domain/errors.js';
import type { StoreRef } from '../domain/storeRef.js';
import { migrateLog, migrateRecord, storeIdIn, type Parts } from './assembleStore.js';
import type { Store, Verified } from './contract.js';
import { diskError } from './files.js';
import { copySegments } from './log/copySegments.js';
import { folderParts } from './openFolder.js';
import { sharedParts } from './openShared.js';
import { openStore } from './openStore.js';
import { createSeal, readAnchor, ringOf } from './seal/seal.js';
import { keysOf } from './seal/keyring.js';
import type { Tables } from './sql/migrations.js';

/** Rows read, and written, at once. */
const PIECE = 200;

export interface Copied {
	/** What `verify` finds in the copy: the same as in the original. */
	verified: Verified;
	artifacts: number;
	predictions: number;
}

/**
 * Copies a store to a place where there is none, into another kind of database too: every row, the audit chain event by event with its
 * hashes, the keys (so that links that were sent still decide), files, the prediction log and the truth. It keeps its id, so handles in
 * workflows find their things there. The record comes last, in one transaction: a copy that was cut off is no store, and can be begun
 * again. What is written to the original meanwhile may be missing, so nobody should work on it; afterwards use one of the two, not both.
 * @throws `store.conflict` where there is a store already; what `verify` throws, for the original and for the copy
 */
export async function copyStore(from: StoreRef, to: StoreRef): Promise<Copied> {
	const original = await openStore(from);
	let source: Parts | undefined;
	let target: Parts | undefined;
	try {
		// So that nothing of it is sealed meanwhile.
		await original.log.recover();
		const was = await original.verify();
		source = await partsOf(from);
		target = await partsOf(to);
		await refuseUsed(target, original.id);
		await migrateLog(target);
		const predictions = (await copyLog(source, target)) + (await linesIn(original));
		await copySegments(original.home, target.vault.home);
		const artifacts = await copyArtifacts(source, target);
		await copyRecord(source, target);
		const verified = await verifiedCopy(to, was);
		return { verified, artifacts, predictions };
	} catch (error) {
		throw diskError(error);
	} finally {
		await target?.backend.close();
		await source?.backend.close();
		await original.close();
	}
}

async function partsOf(ref: StoreRef): Promise<Parts> {
	if (ref.kind === 'shared') return await sharedParts(ref);
	await mkdir(ref.home, { recursive: true, mode: 0o700 });
	return await folderParts(ref.home);
}

const used = (): MlopsError =>
	new MlopsError('store.conflict', 'There is an MLOps store already where the copy should go.', {
		remedy: 'Name an empty place: another folder, or another schema and another folder for artifacts.',
	});

/** Keys of another store are not written over; our own are what a copy left that was cut off. */
async function refuseUsed({ vault, backend }: Parts, id: string): Promise<void> {
	const there = await storeIdIn(backend).catch(() => undefined);
	if (there !== undefined) throw used();
	if (!(await readAnchor(vault.home))) return;
	await createSeal(vault, id)
		.anchored()
		.catch(() => {
			throw used();
		});
}

async function copyLog(source: Parts, target: Parts): Promise<number> {
	const { log } = source.backend;
	// Of a copy that was cut off.
	await target.backend.log.write((db) => db.deleteFrom('prediction').execute());
	let after = 0;
	let copied = 0;
	for (;;) {
		const rows = await log.read.selectFrom('prediction').selectAll().where('id', '>', after).orderBy('id').limit(PIECE).execute();
		const lines = rows.map(({ id: _, ...line }) => line);
		if (lines.length > 0) await target.backend.log.write((db) => db.insertInto('prediction').values(lines).execute());
		copied += rows.length;
		if (rows.length < PIECE) return copied;
		after = rows.at(-1)!.id;
	}
}

async function linesIn({ log }: Store): Promise<number> {
	if (!(await log.any('answers'))) return 0;
	const [[lines]] = (await log.query((relation) => `SELECT CAST(count(*) AS DOUBLE) FROM ${relation}`, 'answers')) as [[number]];
	return lines;
}

async function copyArtifacts(source: Parts, target: Parts): Promise<number> {
	const { digests } = await source.artifacts.listed();
	for (const digest of digests) {
		if (await target.artifacts.has(digest)) continue;
		const path = await target.artifacts.temporary('part');
		const from = await source.artifacts.materialise(digest);
		await copyFile(from, path);
		const { digest: found } = await target.artifacts.putFile(path);
		if (found !== digest)
			throw new MlopsError('store.digest_mismatch', `The file ${digest.slice(0, 12)}... changed while it was copied.`, {
				expected: digest,
				found,
				remedy: 'Stop what works on the store, and copy again.',
			});
	}
	return digests.length;
}

/** Tables of the record in an order in which what is named is there first; those with many rows with what they are read in the order of. */
const WHOLE = ['parent', 'memo', 'alias_move', 'policy', 'archived', 'approval'] as const;

async function copyRecord(source: Parts, target: Parts): Promise<void> {
	const id = await storeIdIn(source.backend);
	let begun = false;
	await migrateRecord(target, async (db) => {
		begun = true;
		await source.backend.record.snapshot(async (view) => {
			await db.insertInto('meta').values({ key: 'id', value: id }).execute();
			await copyInOrder(view, db, 'record');
			for (const table of WHOLE) await insert(db, table, await view.selectFrom(table).selectAll().execute());
			await copyInOrder(view, db, 'audit_event');
			const head = await view.selectFrom('audit_head').selectAll().executeTakeFirstOrThrow();
			await insert(db, 'audit_head', [head]);
			await target.backend.record.dialect.resumeCounter(db, 'record', 'seq');
			// Beside the database, and before it is a store: who opens it finds its keys.
			await copyKeys(source, target);
			await createSeal(target.vault, id).anchor({ seq: head.seq, hash: head.hash });
		});
	});
	if (!begun) throw used();
}

async function copyKeys(source: Parts, target: Parts): Promise<void> {
	const { files, home } = target.vault;
	await files.makeFolder(keysOf(home));
	for (const name of ['audit', 'link'] as const) await ringOf(target.vault, name).write(await ringOf(source.vault, name).text());
	await files.syncFolder(home);
}

async function copyInOrder(view: Kysely<Tables>, db: Transaction<Tables>, table: 'record' | 'audit_event'): Promise<void> {
	for (let after = 0; ; ) {
		const rows = await view.selectFrom(table).selectAll().where('seq', '>', after).orderBy('seq').limit(PIECE).execute();
		await insert(db, table, rows);
		if (rows.length < PIECE) return;
		after = rows.at(-1)!.seq;
	}
}

async function insert<T extends keyof Tables>(db: Transaction<Tables>, table: T, rows: readonly object[]): Promise<void> {
	for (let at = 0; at < rows.length; at += PIECE)
		await db
			.insertInto(table)
			.values(rows.slice(at, at + PIECE) as unknown as Array<Insertable<Tables[T]>>)
			.execute();
}

async function verifiedCopy(to: StoreRef, was: Verified): Promise<Verified> {
	const copy = await openStore(to);
	try {
		const found = await copy.verify();
		if (found.events !== was.events || found.records !== was.records || found.reports !== was.reports)
			throw new MlopsError('store.conflict', 'The copy of the MLOps store is whole, but the original grew while it was copied.', {
				expected: `${found.events} events`,
				found: `${was.events} events`,
				remedy: 'Stop what works on the store, remove the copy, and copy again.',
			});
		return found;
	} finally {
		await copy.close();
	}
}
