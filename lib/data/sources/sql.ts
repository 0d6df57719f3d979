import { basename } from 'node:path';
import { z } from 'zod/v4';
import { MlopsError } from '../../domain/errors.js';
import { uniqueNames } from '../columnNames.js';
import { CsvWriter } from '../csvWriter.js';
import { assertReads, oneStatement } from '../databases/assertReads.js';
import { connectionOf } from '../databases/connection.js';
import { connectionSchema, type QueryWatch, type Sink } from '../databases/contract.js';
import { readMysql } from '../databases/readMysql.js';
import { readPostgres } from '../databases/readPostgres.js';
import { readSqlite } from '../databases/readSqlite.js';
import { readCsv } from '../readers/csv.js';
import { defineSource, type SourceContext } from './contract.js';
import { maxBadPercent } from './file.js';

const CHECK_ROWS = 5000;

export const sqlSource = defineSource({
	id: 'sql',
	label: 'SQL query',
	description: 'The rows of a query on PostgreSQL, MySQL or SQLite.',
	params: z.object({
		database: z
			.enum(['postgres', 'mysql', 'sqlite'])
			.default('postgres')
			.meta({
				title: 'Database',
				description: 'Which kind of database to ask.',
				labels: { postgres: 'PostgreSQL', mysql: 'MySQL', sqlite: 'SQLite' },
			}),
		file: z
			.string()
			.default('')
			.meta({ title: 'File', description: 'Path of the SQLite database.', when: { database: ['sqlite'] } }),
		query: z.string().min(1).meta({
			title: 'Query',
			description: 'A SELECT; add ORDER BY a unique column so that the same data give the same version.',
			ui: 'text',
			placeholder: 'SELECT * FROM customers ORDER BY id',
		}),
		connection: connectionSchema.optional(),
		timeoutSeconds: z
			.number()
			.min(1)
			.default(600)
			.meta({ title: 'Timeout (seconds)', description: 'How long the query may take.', advanced: true }),
		maxBadPercent,
	}),
	filled: ['connection'],
	file: { param: 'file', into: 'file', pattern: false, when: { database: ['sqlite'] } },
	credentials: [
		{ name: 'postgres', when: { database: ['postgres'] } },
		{ name: 'mySql', when: { database: ['mysql'] } },
	],
	connect: (params, fields) => ({ ...params, connection: connectionOf(params.database as 'postgres' | 'mysql', fields) }),
	async read({ database, file, query, connection, timeoutSeconds, maxBadPercent: limit }, context) {
		const statement = oneStatement(query, database);
		assertReads(statement);
		if (database !== 'sqlite' && !connection)
			throw new MlopsError('input.invalid', 'No database connection was given.', { remedy: 'Choose a credential.' });
		const csv = await context.temporary('csv');
		const writer = new CsvWriter(csv);
		const watch = watchOf(timeoutSeconds, context);
		let names: string[] = [];
		let text: boolean[] = [];
		const nones = new Map<number, number>();
		const sink: Sink = {
			columns(found, textual) {
				if (found.length === 0)
					throw new MlopsError('input.invalid', 'The query gives no columns.', { remedy: 'Name columns after SELECT.' });
				[names, text] = [found, textual];
			},
			none: (column) => nones.set(column, (nones.get(column) ?? 0) + 1),
			async row(values) {
				await writer.write(values);
				if (writer.rows % CHECK_ROWS !== 0) return;
				watch.check();
				context.progress({ stage: `Reading the query: ${writer.rows.toLocaleString('en')} rows` });
			},
		};
		try {
			if (database === 'sqlite') await readSqlite(file, statement, watch, sink);
			else await (database === 'postgres' ? readPostgres : readMysql)(connection!, statement, watch, sink);
		} finally {
			await writer.close();
		}
		if (writer.rows === 0)
			throw new MlopsError('data.empty', 'The query found no rows.', {
				expected: 'at least one row',
				remedy: 'Check the conditions of the query, and that it asks the right database.',
			});
		noteSnapshot(statement, context);
		const unique = uniqueNames(names, context);
		for (const [column, rows] of [...nones].sort(([a], [b]) => a - b))
			context.note(
				'data.zero_dates',
				`"${unique[column]}" holds the date 0000-00-00, by which MySQL says that there is none, in ${rows} row${rows === 1 ? '' : 's'}: ` +
					`${rows === 1 ? 'it is' : 'they are'} missing.`,
			);
		const table = await readCsv([{ path: csv }], { ours: 'bare' }, 'The result of the query', context);
		const place = database === 'sqlite' ? basename(file) : `${connection!.database ?? ''} on ${connection!.host}`;
		return {
			...table,
			delimiter: undefined,
			plainNumbers: true,
			valuesOnly: true,
			maxBadPercent: limit,
			columns: table.columns.map((c, i) => ({ ...c, name: unique[i], kind: text[i] ? 'string' : 'text' })),
			description: `query on ${place}`,
		};
	},
});

/** Says when a query has to end: the person cancelled, or it took too long. */
function watchOf(seconds: number, { check }: SourceContext): QueryWatch {
	const due = performance.now() + seconds * 1000;
	return {
		milliseconds: seconds * 1000,
		check() {
			check();
			if (performance.now() > due) {
				throw new MlopsError('data.source_unreachable', `The query took longer than ${seconds} seconds and was stopped.`, {
					remedy: 'Raise "Timeout (seconds)", or ask for fewer rows.',
				});
			}
		},
	};
}

/** Without an order the database may give the same rows in another order next time, which makes another version. */
function noteSnapshot(query: string, { note }: SourceContext): void {
	const unordered = ' in no fixed order: add ORDER BY a unique column so that unchanged data give the same version';
	note('data.snapshot', `Read at ${new Date().toISOString()}${/\border\s+by\b/i.test(query) ? '' : unordered}.`);
}
