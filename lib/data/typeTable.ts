import type { ColumnType } from '../domain/column.js';
import { own } from '../domain/dictionary.js';
import { Denied } from './readFirst.js';
import type { RawTable, SourceContext } from './sources/contract.js';
import { typeColumns, type TypedColumn, type TypingOptions } from './typing.js';

/**
 * `typeColumns` of what a source read, and what it is: a relation that turns out to be other than it was believed to be is read with more
 * care, and then typed.
 */
export async function typeTable(
	raw: RawTable,
	forced: Record<string, ColumnType>,
	context: SourceContext,
	options: TypingOptions = {},
): Promise<{ raw: RawTable; typed: TypedColumn[] }> {
	const { unread } = raw;
	if (!unread) return { raw, typed: await typeColumns(raw, forced, context, options) };
	try {
		// Rows that are not of a type that a person wants are looked at several times.
		if (!raw.columns.some(({ name }) => own(forced, name))) return { raw, typed: await typeColumns(raw, forced, context, options) };
	} catch (thrown) {
		if (!(thrown instanceof Denied)) throw thrown;
	}
	return await typeTable(await unread.carefully(), forced, context, options);
}
