import type { Ledger } from '../audit.js';
import type { Journal } from './contract.js';

/** A segment was sealed: its file, its digest and what it holds. The subject is the file. */
export const LOG_SEALED = 'log.sealed';
/** Segments were removed, since they were too old or too many. */
export const LOG_REMOVED = 'log.removed';

/** Files named by one event of their removal. */
const PIECE = 200;

/** The journal of segments in the audit chain: one event a sealed segment, never one a line. */
export const createJournal = (ledger: Ledger): Journal => ({
	async sealed({ file, kind, ...facts }) {
		await ledger.change(async (db, append) => {
			const known = await db
				.selectFrom('audit_event')
				.select('seq')
				.where('subject', '=', file)
				.where('action', '=', LOG_SEALED)
				.executeTakeFirst();
			if (!known) await append({ actor: 'system', action: LOG_SEALED, subject: file, details: { kind, ...facts } });
		});
	},
	async removed(segments, why) {
		for (let at = 0; at < segments.length; at += PIECE) {
			const files = segments.slice(at, at + PIECE).map(({ file }) => file);
			await ledger.change(
				async (_, append) => await append({ actor: 'system', action: LOG_REMOVED, subject: 'log', details: { files, why } }),
			);
		}
	},
});
