import type { CreateTableBuilder, Kysely, Transaction } from 'kysely';
import type { SharedRef } from '../../domain/storeRef.js';
import type { LogTables, Tables } from './migrations.js';

/** Where databases differ in what the statements of the store need; everything else is said once for all of them. */
export interface Dialect {
	readonly id: 'sqlite' | 'postgres';
	/** The type of a text column: texts are ordered by their bytes, whatever language the server speaks. */
	readonly text: Parameters<CreateTableBuilder<string>['addColumn']>[1];
	/** Adds a primary key of numbers that count up by themselves. */
	addCounter<T extends string>(table: CreateTableBuilder<T>, column: string): CreateTableBuilder<T>;
	/** The table that lists the migrations of the log, where it does not have a database to itself. */
	readonly logMigrations: string;
	/** Lets such numbers go on behind those that were written by hand. */
	resumeCounter(db: Transaction<Tables>, table: 'record', column: string): Promise<void>;
	/** First statements of a migration: nobody else migrates meanwhile, and there is a place for the tables. */
	beginMigration(db: Transaction<unknown>): Promise<void>;
	/** Holds the end of the audit chain until the transaction ends: who comes next waits, and then sees what was written. */
	lockHead(db: Transaction<Tables>): Promise<void>;
	/** Whether a query failed since its table is not there. */
	isTableMissing(error: unknown): boolean;
	/** What is wrong with the database's own structure, if something is. */
	damage(db: Kysely<Tables> | Kysely<LogTables>): Promise<string | undefined>;
	/** All that lies beside our tables: what acts by itself (triggers, views, rules, policies), and the names of all tables. */
	inventory(db: Kysely<Tables>): Promise<{ active: Array<{ type: string; name: string }>; tables: string[] }>;
}

/** The tables of one purpose. Reading never waits for a transaction that writes. */
export interface Database<S> {
	readonly dialect: Dialect;
	readonly read: Kysely<S>;
	/** One short transaction. `work` awaits nothing but queries: locks are held meanwhile. Failures come in our words. */
	write<T>(work: (transaction: Transaction<S>) => Promise<T>): Promise<T>;
	/** A consistent view of one moment, for long walks. */
	snapshot<T>(work: (view: Kysely<S>) => Promise<T>): Promise<T>;
	close(): Promise<void>;
}

/** A kind of database that several machines can share, listed in `backends.ts`. */
export interface BackendType {
	/** How its addresses begin, colon included. */
	protocols: readonly string[];
	/** Loads what it needs only now. @throws `store.unreachable`, `store.unwritable` */
	open(ref: SharedRef, password: string | undefined): Promise<Backend>;
}

/** What the store needs of a database: the record, and what is beside it (progress, jobs, predictions of before there were segments). */
export interface Backend {
	readonly record: Database<Tables>;
	readonly log: Database<LogTables>;
	/** The database's failures in our words; anything else passes through. */
	failure(error: unknown): unknown;
	close(): Promise<void>;
}
