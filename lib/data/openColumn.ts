import type { ColumnType } from '../domain/column.js';
import type { LeftoverCounts, Leftovers } from './grammar/leftovers.js';
import { usualTest } from './grammar/sql.js';
import type { Inferred, Tally } from './grammar/tally.js';
import type { Known } from './known.js';
import type { RawColumn } from './sources/contract.js';
import type { Reading } from './typedRelation.js';
import type { Cells } from './wideCells.js';
import type { Made } from './typedTable.js';

/** A column of text on its way to a type. */
export interface Open {
	column: RawColumn;
	forced?: ColumnType;
	known?: Known;
	tally: Tally;
	guess: Inferred;
	leftovers?: LeftoverCounts & Partial<Leftovers>;
	present: number;
	made?: Made;
	cells?: Cells;
}

/** The open columns of a table, and all others that are read in the same pass. */
export interface Whole {
	columns: readonly Open[];
	others: Map<RawColumn, Reading & { made?: Made }>;
}

/** How it is read as the type that is believed of it. */
export function readingOf({ column, guess, tally }: Open): Reading {
	const { type, format, long } = guess;
	const usual = usualTest(type, format, long);
	return { raw: column, schema: guess, format, long, usual: tally.size > 0 && [...tally.keys()].every(usual) };
}
