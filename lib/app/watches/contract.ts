import type { z } from 'zod/v4';
import type { Finding, VerdictRecord } from '../../domain/monitor.js';
import type { WatchId } from '../../domain/watches.js';
import type { Context } from '../../domain/progress.js';
import type { Store } from '../../store/contract.js';

/** Whose answers are looked at: those of a registered model. */
export interface Watched {
	model: string;
	/** Answers through this alias alone; absent: all. */
	alias?: string;
	/** Answers of these versions alone; absent: all. */
	versions?: readonly number[];
	/** Columns by whose values the answers are looked at separately as well. */
	segments: readonly string[];
	/** The moment of the look; absent: now. What may still come by then is waited for. */
	now?: string;
}

/** Two moments; `until` is not included. */
export interface Span {
	from: string;
	until: string;
}

/** What is looked at: the answers of a registered model between two moments. */
export type WatchedAnswers = Watched & Span;

/** What a look found, before anybody decides whether that is an alarm (lib/monitor/alarm). */
export interface Looked extends Pick<VerdictRecord, 'rows' | 'known' | 'versions' | 'reference' | 'notes'> {
	findings: Finding[];
	/** Why these answers cannot be judged: too few, too little of their truth is known. The findings then are what is known so far. */
	waiting?: string;
	/** With `waiting`: until when another look may find more, since truth still comes. Absent or past: this is the last word. */
	waitsUntil?: string;
	/** Absent: said again from the findings. */
	summary?: string;
}

/** Something that can be watched: one file each, listed in `index.ts`. Its schema is the only description of its parameters. */
export interface Watch<P extends z.ZodObject = z.ZodObject> {
	id: WatchId;
	params: P;
	/** Reads the log and the records; what takes long runs in a job, so that it holds up neither n8n nor a server. @throws `monitor.*` */
	look(store: Store, answers: WatchedAnswers, params: z.output<P>, context: Context): Promise<Looked>;
	/** What a finding says, as a part of a sentence, where its name alone says little to a business user. */
	words?(finding: Finding): string;
	/** Several windows at once, where that is quicker than one look after the other. */
	lookOver?(store: Store, watched: Watched, windows: readonly Span[], params: z.output<P>, context: Context): Promise<Looked[]>;
}

export const defineWatch = <P extends z.ZodObject>(watch: Watch<P>): Watch =>
	// Parameters reach `look` only after its own schema.
	watch as unknown as Watch;
