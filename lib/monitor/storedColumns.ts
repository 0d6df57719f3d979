import { isNumeric, type ColumnSchema } from '../domain/column.js';
import { quoteName, parquetScan, unreadable, type Duck } from '../data/duck.js';
import { columnIndex } from '../data/frame.js';
import { numberSql } from '../data/loadFrame.js';
import { cellReader } from '../data/reading/index.js';
import { likeReference, orderedLevels, type ColumnData } from './columnData.js';
import type { DriftParams } from './driftParams.js';
import { judge } from './judge.js';
import type { StoredTable } from './storedTable.js';
import { countedIn, finiteInto } from './table.js';
import type { Judged } from './verdict.js';

/** Two tables in files, and how their columns are compared. */
export interface StoredPair {
	reference: StoredTable;
	current: StoredTable;
	params: DriftParams;
}

const NOTHING_LOST = { distance: 0, rank: 0 };

/** Columns of two tables in files, read and judged a few at a time; its memory is used again for the next ones. */
export class StoredColumns {
	private readonly held: Float64Array[] = [];

	constructor(
		private readonly duck: Duck,
		private readonly pair: StoredPair,
	) {}

	/** What these columns say by themselves, in this order; a column that fails does not keep the others from being judged. */
	async judge(names: readonly string[]): Promise<Array<PromiseSettledResult<Judged>>> {
		const { reference, current, params } = this.pair;
		const there = names.filter((name) => reference.schema.some((c) => c.name === name));
		const before = await this.columns(reference, there, 1);
		const now = await this.columns(
			current,
			there.filter((name) => current.schema.some((c) => c.name === name)),
			2 + names.length,
		);
		const one = (name: string): Judged => {
			columnIndex(reference.schema, name);
			const known = before.get(name)!(this.memory(0, reference.rows));
			const seen = now.get(name)?.(this.memory(1 + names.length, current.rows));
			return judge(known, seen && likeReference(known, seen), params);
		};
		return await Promise.allSettled(names.map(async (name) => one(name)));
	}

	/** @returns each column, sorted and counted once it is asked for, with memory that it may use for that */
	private async columns(
		table: StoredTable,
		names: readonly string[],
		from: number,
	): Promise<Map<string, (scratch: Float64Array) => ColumnData>> {
		try {
			const numbers = names.filter((name) => isNumeric(columnOf(table, name).stored.schema.type));
			const read = await this.numbers(table, numbers, from);
			const texts = names.filter((name) => !read.has(name));
			for (const name of texts) {
				const column = await this.texts(table, name);
				read.set(name, () => column);
			}
			return read;
		} catch (thrown) {
			throw unreadable(table.path, thrown);
		}
	}

	private async numbers(table: StoredTable, names: readonly string[], from: number) {
		const read = new Map<string, (scratch: Float64Array) => ColumnData>();
		if (names.length === 0) return read;
		const into = names.map((_, j) => this.memory(from + j, table.rows));
		const filled = names.map(() => 0);
		const columns = names.map((name) => `coalesce(${numberSql(columnOf(table, name).stored)}, 'nan'::DOUBLE)`);
		const result = await this.duck.stream(`SELECT ${columns.join(', ')} FROM ${parquetScan(table.path)}`);
		for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
			for (let j = 0; j < names.length; j++) {
				const { items } = chunk.getColumnVector(j) as unknown as { items: Float64Array };
				filled[j] += finiteInto(into[j].subarray(filled[j]), items.subarray(0, chunk.rowCount));
			}
		}
		for (const [j, name] of names.entries()) {
			const { type } = columnOf(table, name).as;
			const n = filled[j];
			const facts = { name, type, rows: table.rows, missing: table.rows - n, error: NOTHING_LOST };
			read.set(name, (scratch) => ({
				...facts,
				values: { kind: 'numbers', numbers: countedIn(into[j].subarray(0, n), scratch.subarray(0, n)) },
			}));
		}
		return read;
	}

	private async texts(table: StoredTable, name: string): Promise<ColumnData> {
		const { as, stored } = columnOf(table, name);
		const column = quoteName(stored.stored);
		const answer = await this.duck.connection.runAndReadAll(
			`SELECT CAST(${column} AS VARCHAR) AS v, count(*)::DOUBLE AS n FROM ${parquetScan(table.path)} ` +
				`WHERE ${column} IS NOT NULL GROUP BY v ORDER BY v`,
		);
		const [keys = [], counts = []] = answer.getColumns() as [string[], number[]];
		const reader = table.reads ? cellReader(as) : undefined;
		const kept = reader ? keys.map((key) => reader.read(key) === key) : undefined;
		const levels = orderedLevels(kept ? keys.filter((_, k) => kept[k]) : keys, kept ? counts.filter((_, k) => kept[k]) : counts);
		const present = levels.counts.reduce((sum, n) => sum + n, 0);
		return {
			name,
			type: as.type,
			rows: table.rows,
			missing: table.rows - present,
			error: NOTHING_LOST,
			values: { kind: 'levels', levels },
		};
	}

	private memory(place: number, length: number): Float64Array {
		const held = this.held[place];
		if (held && held.length >= length) return held.subarray(0, length);
		return (this.held[place] = new Float64Array(length));
	}
}

function columnOf({ schema, stored }: StoredTable, name: string): { as: ColumnSchema; stored: StoredTable['stored'][number] } {
	const at = columnIndex(schema, name);
	return { as: schema[at], stored: stored[at] };
}
