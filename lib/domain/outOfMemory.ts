import { isDiskFull, MlopsError } from './errors.js';

const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(bytes < 2 ** 30 ? 2 : 1)} GB`;

/** The job needed more than it may have. */
export const outOfMemory = (limit?: number): MlopsError =>
	new MlopsError(
		'compute.out_of_memory',
		limit === undefined ? 'The job ran out of memory.' : `The job needed more than the ${gigabytes(limit)} of memory that it may use.`,
		{
			...(limit === undefined ? {} : { expected: `at most ${gigabytes(limit)}` }),
			remedy: 'Use fewer rows or columns, a smaller model, or a machine with more memory.',
		},
	);

/** Whether DuckDB found too little memory, and nothing that it could have put on the disk instead. */
export const isOutOfMemory = (thrown: unknown): boolean =>
	!isDiskFull(thrown) && /^(Error: )?Out of Memory Error\b/.test(thrown instanceof Error ? thrown.message : String(thrown));
