// The table as Ingest keeps it, and as lists of typed values for libraries that read no Parquet.
import fs from 'node:fs';
import process from 'node:process';
import type { ColumnSchema } from '../../../../lib/domain/column.js';
import { answer, from, keepAsIngested, task } from '../ours.mts';

const { loadFrame } = from<typeof import('../../../../lib/data/loadFrame.js')>('data/loadFrame.js');
const { valueAt } = from<typeof import('../../../../lib/data/frame.js')>('data/frame.js');

const { csv, folder } = task();
await keepAsIngested(csv, folder);
const schema = JSON.parse(fs.readFileSync(`${csv}.json`, 'utf8')) as ColumnSchema[];
const { rows, vectors } = await loadFrame(`${csv}.parquet`, { schema });
const lists = schema.map(({ name }, j) => [name, Array.from({ length: rows }, (_, i) => valueAt(vectors[j], i))]);
fs.writeFileSync(`${csv}.columns.json`, JSON.stringify(Object.fromEntries(lists)));
answer({ found: {} });
process.exit(0);
