import { statSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';

/** What tells whether a file is as it was. */
const markOf = (path: string): string => {
	const found = statSync(path, { throwIfNoEntry: false, bigint: true });
	return found ? `${found.ino}:${found.size}:${found.mtimeNs}` : '';
};

/**
 * Handles on a SQLite file in a folder that this process cannot write to. While somebody else has it open, the files of the write-ahead log
 * are there, and SQLite reads by them. Else SQLite would have to make them: then the file is opened as one that does not change
 * (https://sqlite.org/uri.html, `immutable`), and opened anew once it did.
 */
export function createReader(Database: typeof DatabaseSync, path: string) {
	const log = `${path}-wal`;
	/** By which marks a handle on a file that does not change was opened; absent for one that SQLite looks after. */
	const marks = new Map<DatabaseSync, string>();
	const handles = new Set<DatabaseSync>();
	const mark = (): string => `${markOf(path)} ${markOf(log)}`;

	function tried(open: () => DatabaseSync): DatabaseSync {
		const database = open();
		try {
			database.exec('PRAGMA trusted_schema = OFF; PRAGMA query_only = ON;');
			database.prepare('SELECT count(*) FROM sqlite_schema').get();
			return database;
		} catch (error) {
			database.close();
			throw error;
		}
	}

	function open(): DatabaseSync {
		const now = mark();
		let database: DatabaseSync;
		try {
			database = tried(() => new Database(path, { timeout: 0, readOnly: true }));
		} catch (error) {
			// What stands in the log alone would be left out.
			if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) > 0) throw error;
			const url = pathToFileURL(path);
			url.searchParams.set('immutable', '1');
			database = tried(() => new Database(url, { timeout: 0, readOnly: true }));
			marks.set(database, now);
		}
		handles.add(database);
		return database;
	}

	return {
		open,
		/** The handle to go on with: the same, or a new one where the file is another by now. */
		current(database: DatabaseSync): DatabaseSync {
			const opened = marks.get(database);
			if (opened === undefined || opened === mark()) return database;
			const next = open();
			marks.delete(database);
			handles.delete(database);
			return next;
		},
		close(): void {
			for (const database of handles) if (database.isOpen) database.close();
			handles.clear();
		},
	};
}
