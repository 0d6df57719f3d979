import { answersOf, isNumeric, type ColumnSchema, type TaskType } from '../domain/column.js';
import { ROW_ID } from '../domain/dataset.js';
import type { ColumnProfile, Profile, ProfileWarning, StrayCells } from '../domain/profile.js';
import { contentDigest } from './content.js';
import { parquetScan, quoteName, unreadable, type Duck, type StoredFiles } from './duck.js';
import { isNumberVector, type NumberVector, type Vector } from './frame.js';
import { stringType } from './infer.js';
import { collectInBlocks, inBlocks } from './profile/blocks.js';
import type { Collected, Pass } from './profile/collected.js';
import { correlate, type CorrelationInput } from './profile/correlate.js';
import { collectInMemory } from './profile/inMemory.js';
import { filledForOneClass, leaks, MOST_LABELS, targetSample, type TargetSample } from './profile/leakage.js';
import { SAMPLE_ROWS } from './profile/sample.js';
import { columnWarnings, tableWarnings } from './profile/warnings.js';
import type { ColumnFacts } from './roles.js';
import { countsOf } from './spellings.js';
import { textColumns, textsDigests } from './texts.js';
import type { Pending } from './writeTyped.js';

export interface ProfileOptions {
	target?: string;
	task?: TaskType;
	/** Unreadable cells by column, from reading the source. */
	strays?: ReadonlyMap<string, StrayCells>;
}

/** Numeric columns in the table of correlations, at most. */
const CORRELATED = 20;
/** How a leak begins that was found on a sample: its counts are those of the sample. */
const SAMPLED = `Of ${SAMPLE_ROWS.toLocaleString('en')} evenly spaced rows:`;

/** What one pass over all columns gave; `finish` adds what depends on roles and target. */
export interface StoredProfile {
	rows: number;
	/** The schema with strings told apart into `category` and `text`. */
	schema: ColumnSchema[];
	facts: ColumnFacts[];
	content: string;
	finish(schema: readonly ColumnSchema[], options: ProfileOptions): Promise<Profile>;
}

/**
 * Reads a stored table whose rows are numbered from 0. Memory does not depend on the number of rows: `memoryBytes / 4` at most for columns
 * of small tables, and for others what the session may use, a sixteenth of `memoryBytes` for samples, and 32 MB a thread. What comes out
 * depends neither on memory nor on threads. `undecided`: string columns yet to be told apart into category and text. `pending`: the file is
 * written meanwhile.
 * @throws `data.unreadable`, `store.full`, and what `check` throws
 */
export async function profileStored(
	duck: Duck,
	path: StoredFiles,
	schema: ColumnSchema[],
	{
		memoryBytes = 512 << 20,
		threads = 1,
		check = () => {},
		progress = () => {},
		undecided,
		texts = [],
		pending,
	}: Partial<Pass> & {
		memoryBytes?: number;
		threads?: number;
		undecided?: ReadonlySet<string>;
		texts?: readonly string[];
		pending?: Pending;
	},
): Promise<StoredProfile> {
	const { rows, numbered } = pending ? { rows: pending.rows, numbered: true } : await rowsOf(duck, path);
	const scan = pending?.scan ?? parquetScan(path);
	const besides = new Map<string, string>();
	const kept = textColumns(schema, texts);
	const named = schema.filter((c) => texts.includes(c.name));
	const digests = await textsDigests(
		duck,
		scan,
		kept.map((c) => c.stored),
		rows,
		check,
	);
	for (const [i, { name }] of named.entries()) besides.set(name, digests[i]);
	const collect = numbered && inBlocks(rows, schema.length) ? collectInBlocks : collectInMemory;
	const pass = { check, progress: (share: number) => progress(share * 0.95) };
	return profileOf(rows, schema, await collect(duck, path, { schema, rows, memoryBytes, threads, pending }, pass), undecided, besides);
}

/** How many rows there are, and whether they are numbered from 0, as Ingest leaves them. */
async function rowsOf(duck: Duck, path: StoredFiles): Promise<{ rows: number; numbered: boolean }> {
	const id = quoteName(ROW_ID);
	try {
		const [{ rows, least, greatest }] = await duck.rows<{ rows: number; least: number | null; greatest: number | null }>(
			`SELECT count(*) AS rows, min(${id}) AS least, max(${id}) AS greatest FROM ${parquetScan(path)}`,
		);
		return { rows, numbered: least === 0 && greatest === rows - 1 };
	} catch (thrown) {
		throw unreadable(path, thrown);
	}
}

function profileOf(
	rows: number,
	schema: readonly ColumnSchema[],
	{ profiles, digests, signs, duplicates, sample: sampleOf }: Collected,
	undecided?: ReadonlySet<string>,
	texts?: ReadonlyMap<string, string>,
): StoredProfile {
	const typed = schema.map((c, i): ColumnSchema => {
		if (!undecided?.has(c.name)) return c;
		return { ...c, type: stringType(profiles[i].distinct, rows - profiles[i].missing) };
	});
	const facts = typed.map(
		({ name, type }, i): ColumnFacts => ({
			name,
			type,
			distinct: profiles[i].distinct,
			missing: profiles[i].missing,
			rows,
			min: profiles[i].min,
			max: profiles[i].max,
			signs: signs[i],
		}),
	);
	return {
		rows,
		schema: typed,
		facts,
		content: contentDigest(typed, rows, digests, texts),
		async finish(roles, { target, task, strays }) {
			const columns = profiles.map(
				(p, i): ColumnProfile => ({
					...p,
					type: roles[i].type,
					role: roles[i].role,
					...(strays?.has(p.name) ? { strays: strays.get(p.name)! } : {}),
					warnings: [],
				}),
			);
			const warnings: ProfileWarning[] = [];
			const targetAt = target === undefined ? -1 : roles.findIndex((c) => c.name === target);
			const outcome = targetAt < 0 ? undefined : await sampleOf(targetAt);
			const sample = outcome && task ? targetSample(outcome, task, roles[targetAt].type) : undefined;
			for (const [i, c] of columns.entries()) {
				const own = columnWarnings(c, facts[i]);
				if (sample && i !== targetAt) {
					const vector = await sampleOf(i);
					const leak = c.role === 'ignore' ? leftOutLeak(c.name, vector, sample, target!) : leaks(c.name, vector, sample, target!);
					if (leak) addLeak(own, rows > SAMPLE_ROWS ? { ...leak, text: `${SAMPLED} ${leak.text}` } : leak);
				}
				c.warnings = own.map((w) => w.code);
				warnings.push(...own);
			}
			const labels = targetAt >= 0 && profiles[targetAt].distinct <= MOST_LABELS ? labelsOf(outcome) : undefined;
			const classed = task !== undefined && answersOf(task) === 'classes';
			warnings.push(...tableWarnings(columns, rows, duplicates, targetAt < 0 ? undefined : columns[targetAt], classed, labels));
			const numeric = columns
				.map((_, i) => i)
				.filter((i) => isNumeric(roles[i].type) && !['ignore', 'id'].includes(columns[i].role) && profiles[i].distinct > 1)
				.slice(0, CORRELATED);
			const correlated: CorrelationInput[] = [];
			for (const i of numeric) correlated.push({ name: columns[i].name, data: ((await sampleOf(i)) as NumberVector).data });
			return {
				rows,
				...(rows > SAMPLE_ROWS ? { sampled: SAMPLE_ROWS } : {}),
				target,
				task,
				columns,
				...(correlated.length > 1 ? { correlations: correlate(correlated) } : {}),
				duplicates,
				warnings,
			};
		},
	};
}

/** What is no feature can leak nothing, but its gaps are said: they look like something to fill. */
function leftOutLeak(name: string, vector: Vector, sample: TargetSample, target: string): ProfileWarning | undefined {
	const leak = filledForOneClass(name, vector, sample, target);
	return leak && { ...leak, remedy: 'It is no feature, and shall stay so: a gap in it is the answer.' };
}

/** A leak is the whole story of its gaps: nobody shall be told to fill them. */
function addLeak(warnings: ProfileWarning[], leak: ProfileWarning): void {
	const gaps = leak.certain ? warnings.findIndex((w) => w.code === 'many_missing') : -1;
	if (gaps >= 0) warnings.splice(gaps, 1);
	warnings.push(leak);
}

/** How often each label occurs in the sample; undefined for numbers and dates. */
const labelsOf = (vector: Vector | undefined): ReadonlyMap<string, number> | undefined =>
	!vector || isNumberVector(vector) ? undefined : countsOf(vector);
