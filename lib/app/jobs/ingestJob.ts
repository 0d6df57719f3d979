import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod/v4';
import { dictionaryOf } from '../../domain/dictionary.js';
import { defineJob, type JobContext } from '../../compute/contract.js';
import { datasetHandle } from '../../domain/dataset.js';
import { itemProfile } from '../../domain/item.js';
import { withinBytes } from '../../domain/json.js';
import type { Profile } from '../../domain/profile.js';
import { ingest, ingestInput, type IngestIo, type IngestResult } from '../../data/ingest.js';
import { preview } from '../../data/preview.js';
import { datasetReport } from '../../report/reports/dataset.js';
import type { Store, StoredRecord } from '../../store/contract.js';
import { sameVersion } from '../currentDataset.js';
import { handleOf } from '../datasetByName.js';
import { datasetNameOf } from '../datasetNameOf.js';
import { reportRecord } from '../../domain/report.js';
import { keepReport } from '../keepReport.js';
import { pagesTogether } from '../pages.js';
import { storeRef } from '../../domain/storeRef.js';
import { withStore } from '../withStore.js';

const PREVIEW_ROWS = 20;

const jobInput = ingestInput.extend({
	store: storeRef,
	/** What the source reads as its `path`, where it was handed over through the store; nobody needs it afterwards. */
	handedOver: z.string().optional(),
	/** The rows are the pages of this lot, in their order. */
	pagesOf: z.string().optional(),
	/** Name of a folder for temporary files, which whoever asks discards, however this ends. */
	folder: z.string().optional(),
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
		await withStore(input.store, async (store) => {
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
		}),
});

const nameOf = (input: z.infer<typeof jobInput>): string => input.name || datasetNameOf(input);

async function read(
	input: z.infer<typeof jobInput>,
	store: Store,
	{ temporary, folder, notes: before }: { temporary: IngestIo['temporary']; folder?: string; notes: IngestResult['notes'] },
	context: JobContext,
) {
	const result = await ingest(
		input,
		{
			temporary,
			threads: context.threads,
			memoryBytes: context.memoryBytes,
			cancelled: context.cancelled,
			temporaryDirectory: folder,
			store,
		},
		context,
	);
	const notes = [...before, ...result.notes];
	context.progress({ stage: 'Keeping the dataset', share: 0.95 });
	const name = input.name || result.name || nameOf(input);
	const same = await sameVersion(store, name, result);
	const record = same ?? (await keep(store, name, result));
	const rows = await preview(
		await store.artifacts.materialise(record.body.data),
		record.body.columns,
		Math.max(PREVIEW_ROWS, input.rowLimit),
	);
	const report = await keepReport(
		store,
		'dataset',
		await datasetReport(
			{ ...record.body, version: record.version },
			result.profile,
			{ columns: record.body.columns, rows: rows.slice(0, PREVIEW_ROWS) },
			notes.map((n) => n.text),
		),
	);
	return {
		...(input.rowLimit ? { rows: rows.slice(0, input.rowLimit) } : {}),
		dataset: handleOf(store, record),
		profile: profileSummary(result.profile, result.quarantined),
		reused: same !== undefined,
		notes,
		report,
	};
}

async function keep(store: Store, name: string, result: IngestResult): Promise<StoredRecord<'dataset'>> {
	const data = await store.artifacts.putFile(result.dataPath);
	const quarantine = result.quarantinePath ? await store.artifacts.putFile(result.quarantinePath) : undefined;
	const profile = await store.artifacts.put(JSON.stringify(result.profile));
	return await store.add('dataset', name, {
		name,
		rows: result.rows,
		columns: result.columns,
		content: result.content,
		data: data.digest,
		profile,
		...(result.texts ? { texts: result.texts } : {}),
		...(result.fromText ? { fromText: result.fromText } : {}),
		...(result.target ? { target: result.target } : {}),
		...(result.task ? { task: result.task } : {}),
		...(quarantine ? { quarantine: quarantine.digest } : {}),
		quarantined: result.quarantined,
		source: result.source,
	});
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
