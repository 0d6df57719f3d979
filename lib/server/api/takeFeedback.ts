import { writeFile } from 'node:fs/promises';
import { z } from 'zod/v4';
import type { Note } from '../../app/calls/outcome.js';
import { tellTruth } from '../../app/truth.js';
import { truthsOfFile, truthsOfLines } from '../../app/truthFile.js';
import { feedbackOf } from '../../app/truthItem.js';
import type { ItemFeedback } from '../../domain/item.js';
import { silentContext, type Context } from '../../domain/progress.js';
import type { Store } from '../../store/contract.js';
import { assertHome } from '../../store/home.js';

const text = z.string().optional();

/** What a listener hands over of a request to `POST /v1/feedback`: one of rows, lines and csv. */
const feedbackCall = z.object({
	rows: z.array(z.unknown()).optional(),
	lines: text,
	csv: z.instanceof(Uint8Array).optional(),
	fields: z.object({ id: text, key: text, time: text, truth: text }),
	model: text,
	batch: text,
	gaps: z.boolean(),
	by: z.string(),
	/** Models that the caller's key is good for; absent: all. */
	models: z.array(z.string()).optional(),
});
export type FeedbackCall = z.infer<typeof feedbackCall>;

/**
 * Takes what turned out to be true, in the thread that has the store.
 * @throws `store.unreachable`, as `tellTruth`, `data.*` for a table that is none
 */
export async function takeFeedback(store: Store, params: unknown): Promise<ItemFeedback> {
	const { rows, lines, csv, ...telling } = feedbackCall.parse(params);
	// Before anything is looked up in what is left of it.
	await assertHome(store.home);
	const notes: Note[] = [];
	// What is guessed while a table is read belongs to what its sender hears.
	const context: Context = { ...silentContext(), note: (code, text) => void notes.push({ code, text }) };
	if (csv === undefined) return feedbackOf(await tellTruth({ store, context }, { ...telling, truths: rows ?? truthsOfLines(lines ?? '') }));
	const made: string[] = [];
	const temporary = async (extension: string): Promise<string> => {
		const path = await store.artifacts.temporary(extension);
		made.push(await store.artifacts.handOver(path));
		return path;
	};
	try {
		const path = await temporary('csv');
		await writeFile(path, csv, { mode: 0o600 });
		const told = await tellTruth({ store, context }, { ...telling, truths: truthsOfFile(path, 'truths.csv', { temporary, context }) });
		return feedbackOf({ ...told, notes: [...notes, ...told.notes] });
	} finally {
		for (const name of made) await store.artifacts.discard(name).catch(() => {});
	}
}
