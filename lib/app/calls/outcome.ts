import type { ReportRecord } from '../../domain/report.js';

export interface Note {
	code: string;
	text: string;
}

/** What a call gives: the fields that an item carries of it, what a person should know, and the report's files in the store. */
export interface Outcome<F> {
	fields: F;
	notes: Note[];
	report?: ReportRecord;
}

/** Digests of a report, as an item carries them. */
export const reportField = ({ html, full }: ReportRecord): { html: string; full?: string } => ({ html, ...(full ? { full } : {}) });
