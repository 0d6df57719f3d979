import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { MlopsError } from '../domain/errors.js';
import { ROW_ID } from '../domain/dataset.js';
import { quoteName, quoteText } from './duck.js';
import type { RawTable, SourceContext } from './sources/contract.js';
import type { TypedColumn } from './typing.js';

export interface Written { path: string; rows: number; quarantinePath?: string; quarantined: number }

/**
 * Writes the typed Parquet file, `__row` first, rows in source order, and the quarantine file for rows with unreadable values.
 * The same relation gives the same bytes. @throws `data.value_invalid` when no row is left
 */
export async function writeTyped(raw: RawTable, typed: readonly TypedColumn[], context: SourceContext): Promise<Written> {
	const { duck } = context;
	const checks = typed.filter((t) => t.failed);
	const anyFailed = checks.length ? checks.map((t) => t.failed).join(' OR ') : undefined;
	const path = await context.temporary('parquet');
	let failed = 0;
	if (anyFailed) [{ failed }] = await duck.rows<{ failed: number }>(`SELECT count(*) AS failed FROM ${raw.relation} WHERE ${anyFailed}`);
	const where = failed > 0 ? ` WHERE NOT coalesce(${anyFailed}, false)` : '';
	const rowId = failed === 0 && raw.position ? raw.position : 'row_number() OVER () - 1';
	const columns = typed.map((t) => `${t.sql} AS ${quoteName(t.schema.name)}`);
	await duck.run(`COPY (SELECT CAST(${rowId} AS BIGINT) AS ${quoteName(ROW_ID)}, ${columns.join(', ')} FROM ${raw.relation}${where}) TO ${quoteText(path)} (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 122880)`);
	const [{ rows }] = await duck.rows<{ rows: number }>(`SELECT count(*) AS rows FROM read_parquet(${quoteText(path)})`);
	const quarantined = failed + raw.badCount;
	if (rows === 0) {
		const [worst] = checks;
		throw new MlopsError('data.value_invalid', `Not one row has a readable value in every column that needs one${worst ? `, such as "${worst.schema.name}"` : ''}.`, {
			column: worst?.schema.name, expected: worst?.schema.type, remedy: 'Let the type be found automatically, or choose text and convert it in Clean.',
		});
	}
	if (quarantined === 0) return { path, rows, quarantined };
	const quarantinePath = await context.temporary('ndjson');
	await writeQuarantine(quarantinePath, raw, checks, failed, context);
	context.note('data.quarantined', `${quarantined} row${quarantined === 1 ? '' : 's'} could not be read and ${quarantined === 1 ? 'is' : 'are'} kept apart.`);
	return { path, rows, quarantinePath, quarantined };
}

async function writeQuarantine(path: string, raw: RawTable, checks: readonly TypedColumn[], failed: number, { duck }: SourceContext): Promise<void> {
	const out = createWriteStream(path);
	const write = async (line: object) => { if (!out.write(`${JSON.stringify(line)}\n`)) await once(out, 'drain'); };
	for await (const { row, reason, text } of raw.bad) await write({ row, reason, text });
	if (failed > 0) {
		const reason = checks.map((t) => `CASE WHEN ${t.failed} THEN ${quoteText(`"${t.schema.name}" is no ${t.schema.type}`)} END`).join(', ');
		const values = raw.columns.map((c) => `${quoteText(c.name)}, CAST(${quoteName(c.key)} AS VARCHAR)`).join(', ');
		const position = raw.position ?? 'row_number() OVER () - 1';
		const result = await duck.stream(`SELECT position + 1 AS "row", concat_ws('; ', ${reason}) AS reason, CAST(json_object(${values}) AS VARCHAR) AS text FROM (SELECT *, CAST(${position} AS BIGINT) AS position FROM ${raw.relation}) WHERE ${checks.map((t) => t.failed).join(' OR ')}`);
		for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
			for (const [row, why, text] of chunk.getRows()) await write({ row: Number(row), reason: String(why), text: String(text) });
		}
	}
	out.end();
	await once(out, 'finish');
}
