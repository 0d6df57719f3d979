import type { z } from 'zod/v4';
import type { Progress } from '../domain/progress.js';

/** What a job gets inside the compute child besides its input. */
export interface JobContext {
	progress(progress: Progress): void;
	note(code: string, text: string): void;
	/** Shared with the child's main thread (`domain/cancel.ts`). */
	cancelled: Int32Array;
	threads: number;
	memoryBytes: number;
}

/**
 * A piece of heavy work that runs outside n8n's process. Input and output are small plain JSON (ids and paths, never rows)
 * and are checked with their schemas on both sides.
 */
export interface Job<I, O> {
	id: string;
	input: z.ZodType<I>;
	output: z.ZodType<O>;
	run(input: I, context: JobContext): Promise<O>;
}

export const defineJob = <I, O>(job: Job<I, O>): Job<I, O> => job;
