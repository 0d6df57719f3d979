import { z } from 'zod/v4';

/** Record kind `report`: what a node showed, file by file (digests). */
export const reportRecord = z.object({
	/** What it is about: `dataset`, `run`, `evaluation`, `drift`, ... */
	name: z.string(),
	/** HTML that survives n8n's sanitiser. */
	html: z.string(),
	/** One self-contained interactive HTML file. */
	full: z.string().optional(),
	charts: z.array(z.object({ name: z.string(), digest: z.string() })),
});
export type ReportRecord = z.infer<typeof reportRecord>;

/** Record kind `file`: what was made for people or other programs and is no report: predictions, an exported model, a long recipe. */
export const fileRecord = z.object({ what: z.string(), files: z.array(z.object({ name: z.string(), digest: z.string() })) });
export type FileRecord = z.infer<typeof fileRecord>;
