import { setImmediate } from 'node:timers/promises';
import { isNumeric, type ColumnSchema } from '../../domain/column.js';
import type { ColumnProfile } from '../../domain/profile.js';
import { MlopsError } from '../../domain/errors.js';
import { parquetScan, unreadable, WIDE, type Duck, type StoredFiles } from '../duck.js';
import type { Vector } from '../frame.js';
import type { StoredColumn } from '../loadFrame.js';
import type { Signs } from '../signs.js';
import { storedNames } from '../storedNames.js';
import type { Collected, Pass } from './collected.js';
import { countDuplicates } from './duplicates.js';
import { inLanes, type LaneTask } from './lanes.js';
import { NumbersInOrder, readNumbers, sampleNumbers, sortNumbers } from './numberColumns.js';
import { sampleRows } from './sample.js';
import { profileOf } from './summarise.js';
import { readTexts, sampleTexts } from './textColumns.js';

/** Up to so many rows a column is read into memory; a wide table's, whose queries cost more than its values, up to more. */
const IN_MEMORY = { rows: 50_000, wideRows: 500_000 };

/** Whether a table is so long that it is read in blocks. */
export const inBlocks = (rows: number, columns: number): boolean => rows > (columns > WIDE ? IN_MEMORY.wideRows : IN_MEMORY.rows);

/** Columns of numbers that one query reads, and those of them that may lie in memory in whole. */
const TOGETHER = 16;
const HELD = 3;

interface Table {
	schema: ColumnSchema[];
	rows: number;
	memoryBytes: number;
	threads: number;
	/** The file is yet to be written, which happens at the same time: until then its rows are read from where they lie. */
	pending?: { write: LaneTask; scan: string };
}

/**
 * Reads a table whose rows are numbered from 0 without ever holding a whole column: numbers come in chunks, in the order of the rows and
 * once more sorted; texts are counted and joined in the database. What comes out depends neither on `threads` nor on memory.
 */
// eslint-disable-next-line max-lines-per-function -- the tasks of its passes share what they find
export async function collectInBlocks(
	duck: Duck,
	path: StoredFiles,
	{ schema, rows, memoryBytes, threads, pending }: Table,
	pass: Pass,
): Promise<Collected> {
	const file = parquetScan(path);
	const scan = pending?.scan ?? file;
	const names = storedNames(schema).values;
	const columns = schema.map((c, i): StoredColumn => ({ schema: c, stored: names[i] }));
	const numbers = columns.map((_, i) => i).filter((i) => isNumeric(schema[i].type));
	const texts = columns.map((_, i) => i).filter((i) => !isNumeric(schema[i].type));
	const sampled = sampleRows(rows);
	// Samples are kept as they come while they take little; others are read when they are needed.
	const kept = Math.floor(memoryBytes / 16 / (8 * sampled.length));
	const samples = new Map<number, Vector>();
	const profiles: ColumnProfile[] = [];
	const signs: Signs[] = [];
	const digests: string[] = [];
	let duplicates = 0;
	// Whole columns only where all that are read at the same time take little: sorting them here costs half of what it costs there.
	const holds = Math.floor(memoryBytes / 16 / (8 * rows)) - 1;
	const share = Math.max(1, Math.ceil(numbers.length / threads));
	const together = Math.min(share, holds >= threads ? Math.min(HELD, Math.floor(holds / threads)) : TOGETHER);
	const scratch = new Float64Array(holds >= threads ? rows : 0);
	// Used again by the next columns, so that no more are there than are needed at the same time.
	const rooms: Float64Array[] = [];
	const first: LaneTask[] = pending ? [pending.write] : [];
	const second: LaneTask[] = [];
	for (let from = 0; from < numbers.length; from += together) {
		const part = numbers.slice(from, from + together);
		first.push(async (lane) => {
			const into = part.map(
				(_, k) =>
					new NumbersInOrder(
						rows,
						from + k < kept ? sampled : undefined,
						scratch.length ? (rooms.pop() ?? new Float64Array(rows)) : undefined,
					),
			);
			await readNumbers(
				lane,
				scan,
				part.map((i) => columns[i]),
				into,
				pass.check,
			);
			for (const [k, i] of part.entries()) {
				const read = into[k];
				pass.check();
				signs[i] = read.signs;
				digests[i] = read.digest();
				if (read.sample) samples.set(i, { data: read.sample });
				if (scratch.length) {
					profiles[i] = profileOf(schema[i], read.summary(scratch));
					rooms.push(read.held!);
					await setImmediate();
				} else
					second.push(async (free) => {
						profiles[i] = profileOf(schema[i], await sortNumbers(free, scan, columns[i], read, pass.check));
					});
			}
		});
	}
	first.push(async (lane) => {
		duplicates = await countDuplicates(lane, scan, columns, rows);
	});
	for (const [k, i] of texts.entries()) {
		first.push(async (lane) => {
			const wanted = numbers.length + k < kept ? sampled : undefined;
			const read = await readTexts(lane, scan, columns[i], { rows, sampled: wanted }, pass.check);
			({ profile: profiles[i], signs: signs[i], digest: digests[i] } = read);
			if (read.sample) samples.set(i, read.sample);
		});
	}
	// Who sorts in the database has as many tasks to come as there are columns of numbers.
	const all = first.length + (scratch.length ? 0 : numbers.length);
	const told = (before: number) => (done: number) => pass.progress((before + done) / all);
	try {
		await inLanes(duck, threads, first, pass.check, told(0));
		await inLanes(duck, threads, second, pass.check, told(first.length));
	} catch (thrown) {
		// What is no failure of the data (a stop, a full disk) is told as it is.
		if (thrown instanceof MlopsError) throw thrown;
		throw unreadable(path, thrown, memoryBytes || undefined);
	}
	return {
		profiles,
		signs,
		digests,
		duplicates,
		async sample(index) {
			const read = samples.get(index);
			if (read) return read;
			return isNumeric(schema[index].type)
				? await sampleNumbers(duck, file, columns[index], rows)
				: await sampleTexts(duck, file, columns[index], rows);
		},
	};
}
