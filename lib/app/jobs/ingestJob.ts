import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod/v4';
import { dictionaryOf } from '../../domain/dictionary.js';
import { defineJob, type JobContext } from '../../compute/contract.js';
import { datasetHandle } from '../../domain/dataset.js';
import { itemProfile } from '../../domain/itemProfile.js';
import { MlopsError } from '../../domain/errors.js';
import { digestOf, withinBytes } from '../../domain/json.js';
import type { Profile } from '../../domain/profile.js';
import type { Base } from '../../data/append.js';
import { ingest, ingestInput, type IngestIo, type IngestResult } from '../../data/ingest.js';
import { preview } from '../../data/preview.js';
import { datasetReport, readyToDraw } from '../../report/reports/dataset.js';
import type { Store, StoredRecord } from '../../store/contract.js';
import { dataFiles } from '../dataFiles.js';
import { handleOf } from '../datasetByName.js';
import { datasetNameOf } from '../datasetNameOf.js';
import { reportRecord } from '../../domain/report.js';
import { addedTo, keepAdded, keepWhole, profileIn, saidOf, type Kept } from '../keepDataset.js';
import { keepReport } from '../keepReport.js';
import { pagesTogether } from '../keepPage.js';
import { heardOf } from '../../domain/steadyProgress.js';
import { storeRef } from '../../domain/storeRef.js';
import { withKept } from '../withStore.js';

const PREVIEW_ROWS = 20;
/** Times that rows are read to be added, where others add some meanwhile. */
const TRIES = 5;

const jobInput = ingestInput.extend({
	store: storeRef,
	/** What the source reads as its `path`, where it was handed over through the store; nobody needs it afterwards. */
	handedOver: z.string().optional(),
	/** The rows are the pages of this lot, in their order. */
	pagesOf: z.string().optional(),
	/** Name of a folder for temporary files, which whoever asks discards, however this ends. */
	folder: z.string().optional(),
	/** The rows are added to the version that was read last. Under the same key they are added once. */
	append: z.boolean().optional(),
	appendKey: z.string().optional(),
	/** Also give back this many rows, for people who want items. */
	rowLimit: z.number().int().default(0),
});

/** Reads a source, types it, keeps it as a dataset version with its profile. The same content gives the same version. */
export const ingestJob = defineJob({
	id: 'ingest',
	input: jobInput,
	output: z.object({
		dataset: datasetHandle,
		profile: itemProfile,
		reused: z.boolean(),
		notes: z.array(z.object({ code: z.string(), text: z.string() })),
		rows: z.array(dictionaryOf(z.unknown())).optional(),
		report: reportRecord,
		/** Pages that the dataset was made of. */
		taken: z.array(z.string()).optional(),
	}),
	run: async (input, context) =>
		await withKept(
			input.store,
			async (store) => await heardOf(context.progress, async (progress) => await inFolder(input, store, { ...context, progress })),
			(input.params as { path?: unknown } | undefined)?.path,
		),
});

/** Reads and keeps; leaves nothing but what the store has then. */
async function inFolder(input: z.infer<typeof jobInput>, store: Store, context: JobContext) {
	const { artifacts } = store;
	const folder = input.folder === undefined ? undefined : await artifacts.handedOver(input.folder);
	if (folder) await mkdir(folder, { mode: 0o700, recursive: true });
	const files: string[] = [];
	const temporary = async (extension: string) => {
		const path = folder ? join(folder, `${files.length}.${extension}`) : await artifacts.temporary(extension);
		files.push(path);
		return path;
	};
	try {
		const pages = input.pagesOf === undefined ? undefined : await pagesTogether(store, nameOf(input), input.pagesOf, temporary);
		const path = pages?.path ?? (input.handedOver === undefined ? undefined : await artifacts.handedOver(input.handedOver));
		const params = path === undefined ? input.params : { ...(input.params as object), path };
		const result = await read({ ...input, params }, store, { temporary, folder, notes: pages?.notes ?? [] }, context);
		return { ...result, ...(pages ? { taken: pages.keys } : {}) };
	} finally {
		// What the store took over lies elsewhere by now.
		await Promise.all(files.map(async (path) => await rm(path, { force: true, recursive: true })));
		if (input.handedOver !== undefined) await artifacts.discard(input.handedOver);
	}
}

const nameOf = (input: z.infer<typeof jobInput>): string => input.name || datasetNameOf(input);

/** Where an ingestion writes, and what was said before it. */
interface Around {
	temporary: IngestIo['temporary'];
	folder?: string;
	notes: IngestResult['notes'];
}

/** A version as it was kept, or as it was there already. */
interface Read extends Kept {
	profile: Profile;
	notes: IngestResult['notes'];
}

async function read(input: z.infer<typeof jobInput>, store: Store, around: Around, context: JobContext) {
	const { record, reused, profile, notes } = await (input.append ? add : readWhole)(input, store, around, context);
	const rows = await preview(await dataFiles(store, record.body), record.body.columns, Math.max(PREVIEW_ROWS, input.rowLimit));
	const report = await keepReport(
		store,
		'dataset',
		await datasetReport(
			{ ...record.body, version: record.version },
			profile,
			{ columns: record.body.columns, rows: rows.slice(0, PREVIEW_ROWS) },
			notes.map((n) => n.text),
		),
	);
	return {
		...(input.rowLimit ? { rows: rows.slice(0, input.rowLimit) } : {}),
		dataset: handleOf(store, record),
		profile: profileSummary(profile, record.body.quarantined),
		reused,
		notes,
		report,
	};
}

async function ingestIn(
	input: z.infer<typeof jobInput>,
	store: Store,
	{ temporary, folder, notes }: Around,
	context: JobContext,
	base?: Base,
): Promise<IngestResult> {
	const { threads, memoryBytes, cancelled } = context;
	const written = (path: string): void => store.artifacts.ahead(path);
	const meanwhile = (): void => void readyToDraw().catch(() => {});
	const result = await ingest(
		input,
		{ temporary, written, meanwhile, threads, memoryBytes, cancelled, temporaryDirectory: folder, store, base },
		context,
	);
	context.progress({ stage: 'Keeping the dataset', share: 0.95 });
	return { ...result, notes: [...notes, ...result.notes] };
}

async function readWhole(input: z.infer<typeof jobInput>, store: Store, around: Around, context: JobContext): Promise<Read> {
	const result = await ingestIn(input, store, around, context);
	const kept = await keepWhole(store, input.name || result.name || nameOf(input), input, result);
	return { ...kept, profile: result.profile, notes: result.notes };
}

/** Adds rows to the version that was read last; where somebody else does so meanwhile, to theirs. */
async function add(input: z.infer<typeof jobInput>, store: Store, around: Around, context: JobContext): Promise<Read> {
	const name = nameOf(input);
	const memo = input.appendKey === undefined ? undefined : digestOf({ append: name, key: input.appendKey });
	const known = memo === undefined ? undefined : await store.recall('dataset', memo);
	const asItIs = async (record: StoredRecord<'dataset'>, text: string): Promise<Read> => ({
		record,
		reused: true,
		profile: await profileIn(store, record.body),
		notes: [...around.notes, { code: 'data.nothing_added', text }],
	});
	if (known) return await asItIs(known, `These rows are in version ${known.version} already: they were added before this was tried again.`);
	for (let tries = 0; tries < TRIES; tries++) {
		const base = await addedTo(store, name);
		const said = saidOf(input, base);
		let result: IngestResult;
		try {
			result = await ingestIn(said, store, around, context, base);
		} catch (thrown) {
			if (!base || MlopsError.from(thrown).code !== 'data.empty') throw thrown;
			return await asItIs(base.stored, `No rows came that could be added: version ${base.version} stays as it is.`);
		}
		const kept = await keepAdded(store, name, { input: said, result, base, memo }, around.temporary);
		if (kept) return { ...kept, profile: result.profile, notes: result.notes };
	}
	throw new MlopsError('store.conflict', `Others added rows to "${name}" all the while, so these could not be.`, { remedy: 'Run again.' });
}

const MAX_WARNINGS = 20;
const MAX_WARNING_BYTES = 3_000;

function profileSummary(profile: Profile, quarantined: number): z.infer<typeof itemProfile> {
	return {
		rows: profile.rows,
		columns: profile.columns.length,
		quarantined,
		duplicates: profile.duplicates,
		missingCells: profile.columns.reduce((sum, c) => sum + c.missing, 0),
		warnings: withinBytes(
			profile.warnings.slice(0, MAX_WARNINGS).map(({ code, column, text }) => ({ code, text, ...(column ? { column } : {}) })),
			MAX_WARNING_BYTES,
		),
	};
}
