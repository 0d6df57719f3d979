import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { rowJson } from '../domain/json.js';
import type { ItemFeedback } from '../domain/item.js';
import { truthJob } from './jobs/truthJob.js';
import type { Session } from './session.js';
import type { RefusedTruth, Telling, TruthOutcome } from './truth.js';

/** What is told besides the rows. */
export type TellingAbout = Omit<Telling, 'truths' | 'models' | 'each'>;

export interface ToldRows {
	feedback: ItemFeedback;
	/** What became of each row, in their order. */
	outcomes: TruthOutcome[];
	/** Why rows were refused, of the first thousand. */
	refusals: RefusedTruth[];
}

type From = { datasetId: string } | { handedOver: string; fileName: string };

/**
 * Tells the rows of a dataset, or of a file that was handed over and is gone afterwards, outside this process.
 * @throws as `tellTruth`, `data.*`
 */
export async function tellFrom(
	{ store, run }: Session,
	from: From,
	{ fields = {}, gaps = false, ...telling }: TellingAbout,
	each = false,
): Promise<ToldRows> {
	const { artifacts } = store;
	try {
		return await artifacts.withFolder(async (folder) => {
			const told = await run(truthJob, { store: store.ref, from, folder, fields, gaps, each, ...telling });
			const { feedback, outcomes = [], refusals } = told;
			return { feedback, outcomes, refusals };
		});
	} finally {
		if ('handedOver' in from) await artifacts.discard(from.handedOver).catch(() => {});
	}
}

/** Tells rows that are at hand, outside this process all the same, and says what became of each. */
export async function tellRows(session: Session, rows: ReadonlyArray<Record<string, unknown>>, telling: TellingAbout): Promise<ToldRows> {
	const { artifacts } = session.store;
	const path = await artifacts.temporary('ndjson');
	const handedOver = await artifacts.handOver(path);
	const lines = Readable.from(
		(function* () {
			for (const row of rows) yield `${rowJson(row).text}\n`;
		})(),
	);
	await pipeline(lines, createWriteStream(path, { mode: 0o600 }));
	return await tellFrom(session, { handedOver, fileName: 'rows.ndjson' }, telling, true);
}
