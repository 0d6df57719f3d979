import type { ColumnType } from '../domain/column.js';
import type { StrayCells } from '../domain/profile.js';
import type { RawTable, SourceContext } from './sources/contract.js';
import { typedRelation } from './typedRelation.js';
import type { TypedColumn } from './typing.js';
import { cutText } from '../domain/text.js';
import { strayCells } from './wideCells.js';

/** Different values that are listed of one column. */
const LISTED = 20;
const NAMED = 5;
const KINDS: Record<ColumnType, string> = {
	number: 'numbers',
	integer: 'whole numbers',
	boolean: 'yes and no',
	datetime: 'dates',
	category: 'text',
	text: 'text',
};

/**
 * Lists the cells that could not be read as the type that was found for their column, most frequent first, and says so in a note a column.
 */
export async function listStrays(
	raw: RawTable,
	typed: readonly TypedColumn[],
	{ duck, note }: Pick<SourceContext, 'duck' | 'note'>,
): Promise<Map<string, StrayCells>> {
	const found = new Map<string, StrayCells>();
	for (const column of typed) {
		if (column.strays === 0) continue;
		const cells = column.celled
			? strayCells(column.celled.cells, column.celled.reading, LISTED)
			: await duck.rows<StrayCells['cells'][number]>(
					`SELECT value, count(*) AS count, min(position) + 1 AS row FROM ${straysOf(raw, column)} GROUP BY value ` +
						`ORDER BY count DESC, value LIMIT ${LISTED}`,
				);
		const { name, type } = column.schema;
		found.set(name, { count: column.strays, cells });
		const list = cells
			.slice(0, NAMED)
			.map((c) => `"${cutText(c.value, 40)}" (${c.count === 1 ? `row ${c.row}` : `${c.count} times, first in row ${c.row}`})`)
			.join(', ');
		const more = column.strays - cells.slice(0, NAMED).reduce((sum, c) => sum + c.count, 0);
		note(
			'data.stray_cells',
			`"${name}" holds ${KINDS[type]}; ` +
				`${column.strays === 1 ? 'one cell that is none is a gap' : `${column.strays} cells that are none are gaps`}: ` +
				`${list}${more > 0 ? ` and ${more} more` : ''}.`,
		);
	}
	return found;
}

const straysOf = (raw: RawTable, column: TypedColumn): string => {
	const { made } = column;
	return made
		? `(SELECT ${made.text} AS value, rowid AS position FROM ${made.table} WHERE ${made.value} IS NULL AND ${made.text} IS NOT NULL)`
		: `(SELECT x0 AS value, position FROM ${typedRelation(raw, [column])} WHERE p0 AND v0 IS NULL)`;
};
