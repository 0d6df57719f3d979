import { z } from 'zod/v4';
import { defineJob, type JobContext } from '../../compute/contract.js';
import { fileLines } from '../../data/fileLines.js';
import { numbersOf, type Frame } from '../../data/frame.js';
import { takeRows } from '../../data/takeRows.js';
import { nearNames, nearText } from '../../data/nearNames.js';
import { throwIfCancelled } from '../../domain/cancel.js';
import type { ColumnReading, DriftRecord } from '../../domain/drift.js';
import { MlopsError } from '../../domain/errors.js';
import { itemDrift } from '../../domain/item.js';
import { silentContext } from '../../domain/progress.js';
import { canonicalJson } from '../../domain/json.js';
import type { ModelManifest } from '../../domain/model.js';
import { recipe, type RecipeStep } from '../../domain/recipe.js';
import { readPackage } from '../../formats/modelPackage.js';
import {
	driftParams,
	driftReport,
	referenceSketch,
	requestsOf,
	RequestParts,
	type DriftParams,
	type LoggedRow,
	type ReferenceSketch,
} from '../../monitor/index.js';
import type { Table } from '../../monitor/storedTable.js';
import { datasetPass, fitRecipe } from '../../recipe/fit.js';
import { stepById } from '../../recipe/steps/index.js';
import { driftReportHtml } from '../../report/reports/drift.js';
import type { Store, StoredRecord } from '../../store/contract.js';
import { withRoom, type ColumnRoom } from '../columnRoom.js';
import { columnReadings, readingOf, readRows, storedRows, type Reading } from '../frameForModel.js';
import { reportRecord } from '../../domain/report.js';
import { keepReport } from '../keepReport.js';
import { loggedParts } from '../loggedParts.js';
import { indicesWhere } from '../splitRows.js';
import { storedPair } from '../storedPair.js';
import { trainingRows } from '../trainingRows.js';
import { watchedColumns } from '../watchedColumns.js';
import { storeRef } from '../../domain/storeRef.js';

/** Rows of a dataset version between two moments of its time column; a recipe's steps that need no fitting are applied. */
const datasetWindow = z.object({
	kind: z.literal('dataset'),
	datasetId: z.string(),
	recipe: recipe.optional(),
	from: z.string().optional(),
	until: z.string().optional(),
});
const reference = z.discriminatedUnion('kind', [
	datasetWindow,
	z.object({ kind: z.literal('model'), runId: z.string(), name: z.string() }),
]);
const current = z.discriminatedUnion('kind', [
	datasetWindow,
	/** The prediction log of a model, `name@version` or all versions of a name. */
	z.object({ kind: z.literal('log'), model: z.string(), digest: z.string(), since: z.string().optional(), until: z.string().optional() }),
	/** NDJSON file with one row a line, handed over through the store, and the model whose signature says how to read it. */
	z.object({ kind: z.literal('items'), handedOver: z.string(), digest: z.string() }),
]);

/** Compares current rows with a reference and keeps the report. */
export const monitorJob = defineJob({
	id: 'monitor',
	input: z.object({ store: storeRef, reference, current, params: driftParams, beside: z.boolean(), modelName: z.string().optional() }),
	output: z.object({ drift: itemDrift, report: reportRecord }),
	run: async (input, context) =>
		await withRoom(input.store, context, { from: 0.05, to: 0.55 }, async (store, room) => {
			const load = rememberFrames(store, room);
			const { before, now } = (await inFiles(store, input)) ?? (await byRows(store, load, input, context));
			const about = {
				reference: before.about,
				current: now.about,
				needed: now.needed ?? before.needed,
				asked: now.needed !== undefined,
				reading: now.reading,
				failedRequests: now.failed,
				...(input.modelName ? { modelName: input.modelName } : {}),
			};
			const first = await driftReport(before.rows, now.rows, input.params, context, about);
			const record = await surer(
				store,
				load,
				input.reference,
				first,
				async (rows) => await driftReport(rows, now.rows, input.params, context, about),
				context,
			);
			const kept = await store.add('drift', input.modelName ?? now.about.description, record, {
				parents: [before.about.id, now.about.id].filter((id): id is string => id !== undefined),
			});
			const beside = input.beside ? await otherMode(before.rows, now.rows, input.params, context) : undefined;
			const report = await keepReport(store, 'drift', await driftReportHtml(record));
			return { drift: { ...summary(kept), ...(beside ? { beside } : {}) }, report };
		}),
});

interface Asked {
	reference: z.infer<typeof reference>;
	current: z.infer<typeof current>;
	params: DriftParams;
}

/** Two whole datasets that need not be read into memory, or nothing. */
async function inFiles(
	store: Store,
	{ reference: before, current: now }: Asked,
): Promise<{ before: Rows<Table> & Pick<Reference, 'needed'>; now: Rows<Table> & Partial<Omit<Current, 'rows'>> } | undefined> {
	if (before.kind !== 'dataset' || now.kind !== 'dataset') return undefined;
	if ([before, now].some(({ from, until, recipe: steps }) => from || until || steps?.steps.length)) return undefined;
	const datasets = [await store.get('dataset', before.datasetId), await store.get('dataset', now.datasetId)];
	const pair = await storedPair(store, datasets[0].body, datasets[1].body);
	if (!pair) return undefined;
	const [first, second] = datasets.map(({ id, name, version }) => ({ description: `${name} version ${version}`, id }));
	return { before: { rows: pair.reference, about: first }, now: { rows: pair.current, about: second } };
}

async function byRows(
	store: Store,
	load: Load,
	{ reference: from, current: now, params }: Asked,
	context: JobContext,
): Promise<{ before: Reference; now: Current }> {
	context.progress({ stage: 'Reading the reference', share: 0.05 });
	const before = await referenceRows(store, load, from, params);
	context.progress({ stage: 'Reading the current rows', share: 0.3 });
	return { before, now: await currentRows(store, load, now, before, context) };
}

interface Load {
	(datasetId: string): Promise<{ dataset: StoredRecord<'dataset'>; raw: Frame }>;
	readonly room: ColumnRoom;
}

/** Two windows of one dataset read it once. */
function rememberFrames(store: Store, room: ColumnRoom): Load {
	const known = new Map<string, ReturnType<Load>>();
	const read = async (id: string): ReturnType<Load> => {
		const dataset = await store.get('dataset', id);
		return { dataset, raw: await storedRows(store, dataset, room) };
	};
	const load = (id: string): ReturnType<Load> => {
		if (!known.has(id)) known.set(id, read(id));
		return known.get(id)!;
	};
	return Object.assign(load, { room });
}

type Rows<T> = { rows: T; about: { description: string; id?: string } };
/**
 * `ownSteps`: the recipe that a model brings along. Its reference is what came in before these steps. `reading`: how rows to compare with
 * it are read.
 */
type Reference = Rows<Frame | ReferenceSketch> & { ownSteps?: RecipeStep[]; reading: Reading; needed?: string[] };
/** `needed`: what the model asks its callers for, where they sent the rows. */
type Current = Rows<Frame> & { reading?: ColumnReading[]; failed?: number; needed?: string[] };

async function referenceRows(store: Store, load: Load, from: z.infer<typeof reference>, params: DriftParams): Promise<Reference> {
	if (from.kind === 'dataset') {
		const window = await windowOf(load, from);
		return { ...window, reading: readingOf((await load(from.datasetId)).raw) };
	}
	const run = await store.get('run', from.runId);
	const { manifest: reading } = readPackage(await store.artifacts.get(run.body.model));
	const about = { description: `${run.body.imported ? 'example table' : 'training rows'} of ${from.name}`, id: run.id };
	const ownSteps = run.body.recipe.steps;
	if (params.mode === 'default' && run.body.reference) {
		return {
			rows: referenceSketch.parse(JSON.parse((await store.artifacts.get(run.body.reference)).toString('utf8'))),
			about,
			ownSteps,
			reading,
			needed: watchedColumns(reading),
		};
	}
	// Evidently's scores need the rows themselves.
	return {
		rows: await trainingRows(store, run, (await load(run.body.datasetId)).raw),
		about,
		ownSteps,
		reading,
		needed: watchedColumns(reading),
	};
}

/**
 * Where the sketch of a model's training rows is too coarse to decide (a column lies within its error of the limit), the rows themselves
 * decide, if they are still there.
 */
async function surer(
	store: Store,
	load: Load,
	from: z.infer<typeof reference>,
	first: DriftRecord,
	again: (rows: Frame) => Promise<DriftRecord>,
	context: JobContext,
): Promise<DriftRecord> {
	if (from.kind !== 'model' || !first.notes.some((n) => n.code === 'near_threshold')) return first;
	context.progress({ stage: 'Reading the training rows, since the sketch cannot tell', share: 0.6 });
	let rows: Frame;
	try {
		const run = await store.get('run', from.runId);
		rows = await trainingRows(store, run, (await load(run.body.datasetId)).raw);
	} catch (thrown) {
		// Old data may have been cleared away; then the note says what is not known.
		if (MlopsError.from(thrown).code === 'store.not_found') return first;
		throw thrown;
	}
	const record = await again(rows);
	const note = {
		code: 'rows_read',
		text: 'The summary kept of the training rows was too coarse near a limit, so the rows themselves were compared.',
	};
	context.note(note.code, note.text);
	return { ...record, notes: [...record.notes, note] };
}

async function currentRows(
	store: Store,
	load: Load,
	from: z.infer<typeof current>,
	{ ownSteps = [], reading }: Reference,
	context: JobContext,
): Promise<Current> {
	if (from.kind === 'dataset') return await windowOf(load, from, ownSteps, reading);
	const { manifest } = readPackage(await store.artifacts.get(from.digest));
	if (from.kind === 'items') {
		const lines = await readLines(await store.artifacts.handedOver(from.handedOver));
		return named(requestsOf(lines, manifest), manifest, 'the incoming items', lines[0]);
	}
	const asked = { model: from.model, since: from.since, until: from.until };
	const { requests, first, failed } = await loggedRequests(store, asked, manifest, load.room, context);
	if (!first) {
		throw new MlopsError('monitor.too_few_rows', `The prediction log of ${from.model} has no entries in this window.`, {
			remedy: 'Widen the window, or switch on "Write to the Prediction Log" in MLOps Predict.',
		});
	}
	return { ...named(requests, manifest, `the prediction log of ${from.model}`, first), failed };
}

/** The requests of a time; where they are many they are read in parts, and their columns lie in a file. */
async function loggedRequests(
	store: Store,
	asked: { model: string; since?: string; until?: string },
	manifest: ModelManifest,
	room: ColumnRoom,
	context: JobContext,
) {
	let first: LoggedRow | undefined;
	let failed = 0;
	let rows = 0;
	let held: LoggedRow[] | undefined;
	let parts: RequestParts | undefined;
	for await (const entries of loggedParts(store, asked)) {
		throwIfCancelled(context, 'The reading of the log');
		first ??= entries[0];
		rows += entries.length;
		failed += entries.filter((e) => e.error !== undefined).length;
		context.progress({ stage: `Reading ${rows.toLocaleString('en')} answers`, share: 0.3 });
		if (!held) {
			held = entries;
			continue;
		}
		if (!parts) {
			parts = new RequestParts(manifest, await room.file());
			parts.add(held);
		}
		parts.add(entries);
	}
	return { requests: parts ? parts.all() : requestsOf(held ?? [], manifest), first, failed };
}

/** @throws `data.column_unknown` when the rows are those of something else altogether */
function named(
	{ frame, reading }: ReturnType<typeof requestsOf>,
	manifest: ModelManifest,
	description: string,
	first: LoggedRow | undefined,
): Current {
	const sent = Object.keys(first?.input ?? {});
	if (frame.schema.length || !manifest.signature.length)
		return { rows: frame, about: { description }, reading, needed: manifest.signature.map((c) => c.name) };
	throw new MlopsError('data.column_unknown', `None of the model's columns is in ${description}.`, {
		expected: `for example ${manifest.signature
			.slice(0, 5)
			.map((c) => c.name)
			.join(', ')}`,
		found: sent.slice(0, 5).join(', ') || 'no columns',
		remedy:
			nearText(
				nearNames(
					manifest.signature.map((c) => c.name),
					sent,
				),
			) || 'Give rows as they would be predicted, one an item.',
	});
}

/**
 * Rows of a window, read as `reading` says. Steps that a model has itself (`ownSteps`) only drop rows here: the model's reference is what
 * came in before them.
 */
async function windowOf(
	load: Load,
	{ datasetId, recipe: steps = { steps: [] }, from, until }: z.infer<typeof datasetWindow>,
	ownSteps: RecipeStep[] = [],
	reading?: Reading,
): Promise<Current> {
	const { dataset, raw } = await load(datasetId);
	const own = sameFrom(steps.steps, ownSteps);
	const window = between(raw, from, until);
	const { frame: read, findings } = reading ? readRows(window, reading, undefined, load.room) : { frame: window, findings: [] };
	const { frame: inside } = await datasetPass(read, { steps: steps.steps.slice(0, own) });
	const stateless = { steps: steps.steps.slice(own).filter((s) => stepById(s.step).stage === 'dataset') };
	const rows = stateless.steps.length
		? (await fitRecipe((await datasetPass(inside, stateless)).frame, stateless, { classes: 0, seed: 0 })).frame
		: inside;
	const span =
		from || until
			? `, ${from ? `from ${from.slice(0, 10)}` : ''}${from && until ? ' ' : ''}${until ? `until ${until.slice(0, 10)}` : ''}`
			: '';
	return {
		rows,
		about: { description: `${dataset.name} version ${dataset.version}${span}`, id: dataset.id },
		reading: columnReadings(findings),
	};
}

/** How many steps two recipes have in common from the start. */
function sameFrom(a: readonly RecipeStep[], b: readonly RecipeStep[]): number {
	const different = a.findIndex(
		(step, i) => !b[i] || canonicalJson([step.step, step.version, step.params]) !== canonicalJson([b[i].step, b[i].version, b[i].params]),
	);
	return different < 0 ? a.length : different;
}

/** Rows with from <= time < until. @throws `input.invalid` without a time column */
function between(frame: Frame, from: string | undefined, until: string | undefined): Frame {
	if (!from && !until) return frame;
	const time = frame.schema.find((c) => c.role === 'time') ?? frame.schema.find((c) => c.type === 'datetime');
	if (!time)
		throw new MlopsError('input.invalid', 'The dataset has no column with dates, so no window of time can be taken.', {
			remedy: 'Leave the window empty, or give a date column the role "time" in MLOps Ingest.',
		});
	const low = from ? moment(from) : -Infinity;
	const high = until ? moment(until) : Infinity;
	return takeRows(
		frame,
		indicesWhere(numbersOf(frame, time.name), (at) => at >= low && at < high),
	);
}

function moment(text: string): number {
	const at = Date.parse(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text);
	if (Number.isNaN(at))
		throw new MlopsError('input.invalid', `"${text}" is not a date.`, {
			expected: 'for example 2026-01-31',
			remedy: 'Correct the window.',
		});
	return at;
}

async function readLines(path: string): Promise<Array<{ input: Record<string, unknown> }>> {
	const rows: Array<{ input: Record<string, unknown> }> = [];
	for await (const line of fileLines(path))
		if (line.length > 0) rows.push({ input: JSON.parse(line.toString('utf8')) as Record<string, unknown> });
	return rows;
}

/** What the other mode decides; where it refuses what this one takes, a note says why. */
async function otherMode(
	before: Table | ReferenceSketch,
	now: Table,
	params: DriftParams,
	context: JobContext,
): Promise<{ mode: string; drifted: boolean; driftedColumns: string[] } | undefined> {
	const mode = params.mode === 'default' ? 'evidently' : 'default';
	if (mode === 'evidently' && 'kind' in before) return undefined;
	const { threads, memoryBytes, cancelled } = context;
	const quiet = { ...silentContext(), threads, memoryBytes, cancelled };
	try {
		const { drifted, driftedColumns } = await driftReport(before, now, { ...params, mode, tests: {}, thresholds: {} }, quiet);
		return { mode, drifted, driftedColumns };
	} catch (thrown) {
		context.note('other_mode_refused', `The other way of deciding (${mode}) says nothing: ${MlopsError.from(thrown).message}`);
		return undefined;
	}
}

const MAX_COLUMNS = 100;

function summary(record: StoredRecord<'drift'>): z.infer<typeof itemDrift> {
	const { body } = record;
	return {
		id: record.id,
		drifted: body.drifted,
		driftedColumns: body.driftedColumns.slice(0, MAX_COLUMNS),
		share: body.share,
		mode: body.mode,
		summary: body.summary,
		scores: Object.fromEntries(
			body.columns
				.slice(0, MAX_COLUMNS)
				.map((c) => [c.column, { score: c.score, threshold: c.threshold, test: c.test, drifted: c.drifted }]),
		),
		rows: { reference: body.reference.rows, current: body.current.rows },
		...(body.dead ? { dead: body.dead.slice(0, MAX_COLUMNS) } : {}),
		...(body.notCompared ? { notCompared: body.notCompared.slice(0, MAX_COLUMNS) } : {}),
		...(body.reading ? { reading: body.reading.slice(0, MAX_COLUMNS).map(({ examples: _, ...counts }) => counts) } : {}),
	};
}
