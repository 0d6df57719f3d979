import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { MlopsError } from '../../domain/errors.js';
import { wouldWrite } from './assertReads.js';
import { cellText } from './cellText.js';
import type { Sink } from './contract.js';
import { queryError } from './databaseError.js';

/** Reads a query on a SQLite file that is opened for reading only. @throws MlopsError */
export async function readSqlite(file: string, query: string, sink: Sink): Promise<void> {
	if (!(await stat(file).catch(() => undefined))?.isFile()) {
		throw new MlopsError('data.source_unreachable', `There is no SQLite database "${basename(file)}".`, { found: file, remedy: 'Check the path as the machine that runs n8n sees it.' });
	}
	const { DatabaseSync } = await import('node:sqlite');
	const database = new DatabaseSync(file, { readOnly: true });
	try {
		const statement = database.prepare(query);
		statement.setReadBigInts(true);
		statement.setReturnArrays(true);
		const columns = statement.columns();
		if (columns.length === 0) throw wouldWrite('it gives no rows');
		// Dates lie in SQLite as text, so "text" says nothing about a column there.
		sink.columns(columns.map((c) => c.name), columns.map(() => false));
		for (const row of statement.iterate()) await sink.row((row as unknown as unknown[]).map(cellText));
	} catch (thrown) {
		throw queryError(thrown, { host: basename(file) }, query);
	} finally {
		database.close();
	}
}
