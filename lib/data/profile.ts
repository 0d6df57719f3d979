import { answersOf, type ColumnSchema, type TaskType } from '../domain/column.js';
import type { ColumnProfile, Profile, ProfileWarning, StrayCells } from '../domain/profile.js';
import { contentDigest, vectorDigest } from './content.js';
import { correlate, type CorrelationInput } from './profile/correlate.js';
import { filledForOneClass, leaks, targetSample, type TargetSample } from './profile/leakage.js';
import { RowHashes } from './profile/duplicates.js';
import { sampleRows } from './profile/sample.js';
import { summarise } from './profile/summarise.js';
import { columnWarnings, tableWarnings } from './profile/warnings.js';
import type { ColumnFacts } from './roles.js';
import { signsOf, type Signs } from './signs.js';
import { countsOf } from './spellings.js';
import type { Duck } from './duck.js';
import { isNumberVector, type Frame, type Vector } from './frame.js';
import { takeRows } from './takeRows.js';
import { stringType } from './infer.js';
import { loadFrameIn } from './loadFrame.js';
import { textColumns, textsDigest } from './texts.js';

export interface ProfileOptions {
	target?: string;
	task?: TaskType;
	/** Unreadable cells by column, from reading the source. */
	strays?: ReadonlyMap<string, StrayCells>;
}

/** Numeric columns in the table of correlations, at most. */
const CORRELATED = 20;
/** A column of more different texts holds no labels. */
const MOST_LABELS = 1_000;

interface Pass {
	check(): void;
	progress(share: number): void;
}
const QUIET: Pass = { check: () => {}, progress: () => {} };

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
 * One pass over a stored file, as many columns at a time as memory allows. `undecided`: string columns yet to be told apart into category
 * and text.
 */
export async function profileStored(
	duck: Duck,
	path: string,
	schema: ColumnSchema[],
	{
		memoryBytes = 512 << 20,
		check = QUIET.check,
		progress = QUIET.progress,
		undecided,
		texts = [],
	}: Partial<Pass> & { memoryBytes?: number; undecided?: ReadonlySet<string>; texts?: readonly string[] },
): Promise<StoredProfile> {
	const first = await loadFrameIn(duck, path, { schema, columns: [] });
	const perBatch = Math.max(1, Math.min(500, Math.floor(memoryBytes / 4 / Math.max(1, first.rows * 8))));
	const besides = new Map<string, string>();
	const kept = textColumns(schema, texts);
	const named = schema.filter((c) => texts.includes(c.name));
	for (const [i, { name }] of named.entries()) {
		besides.set(name, await textsDigest(duck, path, kept[i].stored, first.rows));
		check();
	}
	return collect(
		first.rows,
		schema,
		async function* () {
			for (let from = 0; from < schema.length; from += perBatch) {
				const columns = schema.slice(from, from + perBatch).map((c) => c.name);
				yield { frame: await loadFrameIn(duck, path, { schema, columns }), from };
			}
		},
		{ check, progress },
		undecided,
		besides,
	);
}

async function collect(
	rows: number,
	schema: readonly ColumnSchema[],
	batches: () => AsyncIterable<{ frame: Frame; from: number }>,
	pass: Pass,
	undecided?: ReadonlySet<string>,
	texts?: ReadonlyMap<string, string>,
): Promise<StoredProfile> {
	const profiles: ColumnProfile[] = [];
	const digests: string[] = [];
	const samples: Vector[] = [];
	const signs: Signs[] = [];
	const hashes = new RowHashes(rows);
	const picked = sampleRows(rows);
	for await (const { frame, from } of batches()) {
		for (let j = 0; j < frame.vectors.length; j++) {
			pass.check();
			const vector = frame.vectors[j];
			digests.push(vectorDigest(vector));
			hashes.add(vector);
			profiles.push(summarise(schema[from + j], vector));
			signs.push(signsOf(vector));
			pass.progress(((from + j + 1) / schema.length) * 0.95);
		}
		samples.push(...takeRows(frame, picked).vectors);
	}
	const typed = schema.map((c, i): ColumnSchema => {
		if (!undecided?.has(c.name)) return c;
		return { ...c, type: stringType(profiles[i].distinct, rows - profiles[i].missing) };
	});
	const duplicates = hashes.duplicates();
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
			const sample: TargetSample | undefined =
				targetAt < 0 || !task ? undefined : targetSample(samples[targetAt], task, roles[targetAt].type);
			columns.forEach((c, i) => {
				const own = columnWarnings(c, facts[i]);
				if (sample && i !== targetAt)
					addLeak(own, c.role === 'ignore' ? leftOutLeak(c.name, samples[i], sample, target!) : leaks(c.name, samples[i], sample, target!));
				c.warnings = own.map((w) => w.code);
				warnings.push(...own);
			});
			warnings.push(
				...tableWarnings(
					columns,
					rows,
					duplicates,
					targetAt < 0 ? undefined : columns[targetAt],
					task !== undefined && answersOf(task) === 'classes',
					labelsOf(samples[targetAt]),
				),
			);
			const numeric = roles
				.flatMap((c, i): CorrelationInput[] => {
					const vector = samples[i];
					return isNumberVector(vector) && c.role !== 'ignore' && c.role !== 'id' && profiles[i].distinct > 1
						? [{ name: c.name, data: vector.data }]
						: [];
				})
				.slice(0, CORRELATED);
			return { rows, target, task, columns, ...(numeric.length > 1 ? { correlations: correlate(numeric) } : {}), duplicates, warnings };
		},
	};
}

/** What is no feature can leak nothing, but its gaps are said: they look like something to fill. */
function leftOutLeak(name: string, vector: Vector, sample: TargetSample, target: string): ProfileWarning | undefined {
	const leak = filledForOneClass(name, vector, sample, target);
	return leak && { ...leak, remedy: 'It is no feature, and shall stay so: a gap in it is the answer.' };
}

/** A leak is the whole story of its gaps: nobody shall be told to fill them. */
function addLeak(warnings: ProfileWarning[], leak: ProfileWarning | undefined): void {
	if (!leak) return;
	const gaps = leak.certain ? warnings.findIndex((w) => w.code === 'many_missing') : -1;
	if (gaps >= 0) warnings.splice(gaps, 1);
	warnings.push(leak);
}

/** How often each label occurs in the sample; undefined for numbers, dates and free text. */
function labelsOf(vector: Vector | undefined): ReadonlyMap<string, number> | undefined {
	return !vector || isNumberVector(vector) || vector.dictionary.length > MOST_LABELS ? undefined : countsOf(vector);
}
