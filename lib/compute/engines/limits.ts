import { availableParallelism, totalmem } from 'node:os';
import { MlopsError } from '../../domain/errors.js';

/** What the jobs of this machine may use; what is not given follows from its size. */
export interface LimitOptions {
	/** Jobs at once. */
	maxWorkers?: number;
	/** What one job may use unless it says otherwise: the resident size of its process. */
	memoryBytes?: number;
	/** Threads that one job may use unless it says otherwise. */
	threads?: number;
}

/** A smaller machine runs one job at a time, so that it gets enough and n8n keeps the rest. */
const ROOMY_BYTES = 8e9;

const UNITS = new Map([
	['', 1],
	...['K', 'M', 'G', 'T'].flatMap(
		(letter, n): Array<[string, number]> => [
			[letter, 1000 ** (n + 1)],
			[`${letter}B`, 1000 ** (n + 1)],
			[`${letter}IB`, 1024 ** (n + 1)],
		],
	),
]);
/** Less than this no job can begin with. */
const LEAST_BYTES = 256e6;

/** Bytes of a text as `4 GB`, `3000MB` or `4294967296`. @throws `input.invalid` */
function bytesOf(text: string): number {
	const [, number, unit] = /^\s*(\d+(?:\.\d+)?)\s*([KMGT]?i?B?)\s*$/i.exec(text) ?? [];
	const factor = UNITS.get((unit ?? '').toUpperCase()) ?? NaN;
	const bytes = Math.floor(Number(number) * factor);
	if (bytes >= LEAST_BYTES) return bytes;
	throw new MlopsError('input.invalid', 'MLOPS_JOB_MEMORY does not say how much memory a job may use.', {
		expected: 'a size of 256 MB or more, for example 4 GB',
		found: text,
		remedy: 'Correct MLOPS_JOB_MEMORY, or leave it out.',
	});
}

/** Limits that leave n8n its part of the machine; `MLOPS_JOB_MEMORY` says otherwise. @throws `input.invalid` */
export function machineLimits(options: LimitOptions = {}): Required<LimitOptions> {
	const machine = machineMemory();
	const asked = process.env['MLOPS_JOB_MEMORY'];
	const maxWorkers = options.maxWorkers ?? (machine < ROOMY_BYTES ? 1 : 2);
	return {
		maxWorkers,
		memoryBytes:
			options.memoryBytes ?? (asked?.trim() ? bytesOf(asked) : Math.floor(machine * (maxWorkers === 1 ? 0.6 : 0.8 / maxWorkers))),
		threads: options.threads ?? availableParallelism(),
	};
}

/** Memory of the machine or of the container that we are in, whichever is less. */
function machineMemory(): number {
	const constrained = process.constrainedMemory();
	return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}
