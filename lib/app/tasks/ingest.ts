import { rm } from 'node:fs/promises';
import { z } from 'zod/v4';
import { defineTask } from '../../compute/contract.js';
import { columnRole, columnType, taskType } from '../../domain/column.js';
import { datasetHandle, type DatasetRecord } from '../../domain/dataset.js';
import { itemProfile } from '../../domain/item.js';
import { digestOf } from '../../domain/json.js';
import type { Profile } from '../../domain/profile.js';
import { ingest, type IngestResult } from '../../data/ingest.js';
import { preview } from '../../data/preview.js';
import { datasetReport } from '../../report/index.js';
import type { Store, StoredRecord } from '../../store/contract.js';
import { handleOf } from '../datasetByName.js';
import { keepReport, reportFiles } from '../report.js';
import { withStore } from '../withStore.js';

const PREVIEW_ROWS = 20;

/** Reads a source, types it, keeps it as a dataset version with its profile. The same content gives the same version. */
export const ingestTask = defineTask({
	id: 'ingest',
	input: z.object({
		home: z.string(),
		/** Empty: the source's own suggestion. */
		name: z.string(),
		source: z.string(),
		params: z.unknown(),
		target: z.string().optional(),
		task: taskType.optional(),
		roles: z.record(z.string(), columnRole).optional(),
		types: z.record(z.string(), columnType).optional(),
		/** Also give back this many rows, for people who want items. */
		rowLimit: z.number().int().default(0),
	}),
	output: z.object({
		dataset: datasetHandle,
		profile: itemProfile,
		reused: z.boolean(),
		notes: z.array(z.object({ code: z.string(), text: z.string() })),
		rows: z.array(z.record(z.string(), z.unknown())).optional(),
		report: reportFiles,
	}),
	run: async (input, context) => await withStore(input.home, async (store) => {
		const temporary = async (extension: string) => await store.artifacts.temporary(extension);
		const result = await ingest(
			{ source: input.source, params: input.params, name: input.name || undefined, target: input.target, task: input.task, roles: input.roles, types: input.types },
			{ temporary, threads: context.threads, memoryBytes: context.memoryBytes },
			context,
		);
		context.report({ stage: 'Keeping the dataset', share: 0.95 });
		const name = input.name || result.name || nameFrom(input);
		const before = await store.find('dataset', name);
		const same = before !== undefined && sameDataset(before.body, result);
		const record = same ? before : await keep(store, name, result);
		if (same) for (const path of [result.dataPath, result.quarantinePath]) if (path) await rm(path, { force: true });
		const rows = await preview(await store.artifacts.path(record.body.data), record.body.columns, Math.max(PREVIEW_ROWS, input.rowLimit));
		const report = await keepReport(store, 'dataset', await datasetReport({ ...record.body, version: record.version }, result.profile, { columns: record.body.columns, rows: rows.slice(0, PREVIEW_ROWS) }));
		return {
			...(input.rowLimit ? { rows: rows.slice(0, input.rowLimit) } : {}), dataset: handleOf(store, record), profile: profileSummary(result.profile, result.quarantined), reused: before?.id === record.id, notes: result.notes, report };
	}),
});

/** The same values with the same meaning, wherever they were read from this time. */
const sameDataset = (kept: DatasetRecord, read: IngestResult): boolean => digestOf(meaning(kept)) === digestOf(meaning(read));
const meaning = ({ content, columns, target, task, quarantined }: Pick<DatasetRecord, 'content' | 'columns' | 'target' | 'task' | 'quarantined'>) => ({ content, columns, target: target ?? null, task: task ?? null, quarantined });

async function keep(store: Store, name: string, result: IngestResult): Promise<StoredRecord<'dataset'>> {
	const data = await store.artifacts.putFile(result.dataPath);
	const quarantine = result.quarantinePath ? await store.artifacts.putFile(result.quarantinePath) : undefined;
	const profile = await store.artifacts.put(JSON.stringify(result.profile));
	return await store.add('dataset', name, {
		name, rows: result.rows, columns: result.columns, content: result.content, data: data.digest, profile,
		...(result.target ? { target: result.target } : {}), ...(result.task ? { task: result.task } : {}),
		...(quarantine ? { quarantine: quarantine.digest } : {}),
		quarantined: result.quarantined, source: result.source,
	});
}

/** The name of the file, without folder and extension: two files are not two versions of one dataset. */
function nameFrom({ source, params }: { source: string; params?: unknown }): string {
	const { fileName, path, url } = (params ?? {}) as Record<string, string | undefined>;
	const file = source === 'url' ? new URL(url!).pathname : source === 'file' ? fileName || path! : '';
	return decodeURIComponent(file).split(/[\\/]/).at(-1)!.replace(/(\.[a-z0-9]{1,8}){1,2}$/i, '').replace(/[^\p{L}\p{N} ._-]/gu, '').trim() || source;
}

const MAX_WARNINGS = 20;

function profileSummary(profile: Profile, quarantined: number): z.infer<typeof itemProfile> {
	return {
		rows: profile.rows, columns: profile.columns.length, quarantined, duplicates: profile.duplicates,
		missingCells: profile.columns.reduce((sum, c) => sum + c.missing, 0),
		warnings: profile.warnings.slice(0, MAX_WARNINGS).map(({ code, column, text }) => ({ code, text, ...(column ? { column } : {}) })),
	};
}
