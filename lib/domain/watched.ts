import { z } from 'zod/v4';
import { finding, VERDICTS, watchId } from './monitor.js';

const note = z.object({ code: z.string(), text: z.string() });

/** A window that was looked at, with all that was found in it. */
export const watchedWindow = z.object({
	from: z.string(),
	until: z.string(),
	verdict: z.enum(VERDICTS),
	versions: z.array(z.number().int()),
	/** What it was compared with; another one begins the history of alarms anew. */
	reference: z.string().optional(),
	rows: z.number().int(),
	known: z.number().int().optional(),
	findings: z.array(finding),
	/** One sentence, or why it waits. */
	summary: z.string(),
	notes: z.array(note),
});
export type WatchedWindow = z.infer<typeof watchedWindow>;

/** What a look over the windows of a time found, as the report draws it and as `itemWatched` shortens it. */
export const watchedOver = z.object({
	watch: watchId,
	model: z.string(),
	alias: z.string().optional(),
	/** Whether it is an alarm now, and the last window that could be judged. */
	drifted: z.boolean(),
	verdict: z.enum(VERDICTS),
	summary: z.string(),
	/** Beginning of the first window that shows it. */
	since: z.string().optional(),
	windows: z.array(watchedWindow),
});
export type WatchedOver = z.infer<typeof watchedOver>;

/** The same as an item carries it: the newest windows in short, and what was found in the last one that could be judged. */
export const itemWatched = watchedOver.extend({
	windows: z.array(watchedWindow.pick({ from: true, until: true, verdict: true, rows: true, known: true, summary: true })),
	findings: z.array(finding),
	notes: z.array(note),
	/** Address of its page in the console. */
	page: z.string().optional(),
});
export type ItemWatched = z.infer<typeof itemWatched>;
