import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { ColumnSchema } from '../../lib/domain/column';
import type { Frame, Vector } from '../../lib/data/frame';

const path = join(__dirname, '../../node_modules/vega-datasets/data/flights-3m.parquet');
const SCHEMA: ColumnSchema[] = [
	{ name: 'delay', type: 'integer', role: 'feature' },
	{ name: 'distance', type: 'integer', role: 'feature' },
	{ name: 'origin', type: 'category', role: 'feature' },
	{ name: 'destination', type: 'category', role: 'feature' },
];

async function rows(where: string): Promise<Frame> {
	const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
	const connection = await instance.connect();
	const result = await connection.runAndReadAll(
		`SELECT delay::DOUBLE AS delay, distance::DOUBLE AS distance, origin, destination FROM read_parquet('${path}') WHERE ${where}`,
	);
	const [delay, distance, origin, destination] = result.getColumns() as [number[], number[], string[], string[]];
	connection.closeSync();
	instance.closeSync();
	return {
		rows: delay.length,
		schema: SCHEMA,
		vectors: [{ data: Float64Array.from(delay) }, { data: Float64Array.from(distance) }, coded(origin), coded(destination)],
		rowId: Float64Array.from(delay, (_, i) => i),
	};
}

function coded(values: string[]): Vector {
	const index = new Map<string, number>();
	const codes = Uint32Array.from(values, (v) => {
		let code = index.get(v);
		if (code === undefined) index.set(v, (code = index.size + 1));
		return code;
	});
	return { codes, dictionary: [...index.keys()] };
}

const month = (m: number): string => `date >= '2001-0${m}-01' AND date < '2001-0${m + 1}-01'`;

/** Reference and current rows of the three comparisons that people know the answer of. */
export async function flights(name: string): Promise<[Frame, Frame]> {
	if (name === "January's halves")
		return [await rows("date >= '2001-01-01' AND date < '2001-01-16'"), await rows("date >= '2001-01-16' AND date < '2001-02-01'")];
	const reference = await rows(month(1));
	if (name === 'January against June') return [reference, await rows(month(6))];
	const june = await rows(`${month(6)} AND origin <> 'ORD'`);
	const schema = june.schema.map((c) => (c.name === 'distance' ? { ...c, type: 'number' as const } : c));
	const vectors = june.vectors.map((v, i) =>
		june.schema[i].name === 'distance' && 'data' in v ? { data: v.data.map((x) => x * 1.609344) } : v,
	);
	return [reference, { ...june, schema, vectors }];
}
