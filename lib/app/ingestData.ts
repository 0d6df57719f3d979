import type { IngestInput } from '../data/ingest.js';
import type { DatasetHandle } from '../domain/dataset.js';
import type { ItemRecipe } from '../domain/item.js';
import type { ItemProfile } from '../domain/itemProfile.js';
import type { ReportRecord } from '../domain/report.js';
import { ingestJob } from './jobs/ingestJob.js';
import { emptyRecipe } from './carriedRecipe.js';
import { withRoomSaid } from './roomSaid.js';
import type { Session } from './session.js';

export interface IngestRequest extends IngestInput {
	/** Name of a file that was handed over through the store, and that the source reads as its `path`. It is gone afterwards. */
	handedOver?: string;
	/** The rows are added to the version that was read last. Under the same key they are added once. */
	append?: boolean;
	appendKey?: string;
	/** The rows are the pages of this lot; once they are a dataset, it is thrown away. */
	pagesOf?: string;
	/** Also give back this many rows. */
	rowLimit?: number;
}

export interface Ingested {
	/** What an item carries of it. */
	fields: { dataset: DatasetHandle; recipe: ItemRecipe; profile: ItemProfile; reused: boolean };
	notes: Array<{ code: string; text: string }>;
	rows?: Array<Record<string, unknown>>;
	report: ReportRecord;
}

/** Reads a source and keeps it as a version of a dataset, outside this process. @throws `data.*`, `input.invalid`, `compute.*` */
export async function ingestData({ store, run, expectJob }: Session, { rowLimit = 0, ...request }: IngestRequest): Promise<Ingested> {
	const { artifacts, pages } = store;
	try {
		expectJob();
		return await artifacts.withFolder(async (folder) => {
			const { notes, rows, report, taken, ...kept } = await run(ingestJob, { ...request, store: store.ref, folder, rowLimit });
			if (taken) await pages.discard(kept.dataset.name, request.pagesOf!, new Set(taken)).catch(() => {});
			return { fields: { ...kept, recipe: emptyRecipe() }, notes, ...(rows ? { rows } : {}), report };
		});
	} catch (thrown) {
		throw await withRoomSaid(thrown, store, (request.params as { path?: unknown } | undefined)?.path);
	} finally {
		if (request.handedOver !== undefined) await artifacts.discard(request.handedOver).catch(() => {});
	}
}
