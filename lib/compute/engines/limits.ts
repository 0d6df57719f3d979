import { availableParallelism, totalmem } from 'node:os';

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

/** Limits that leave n8n its part of the machine. */
export function machineLimits(options: LimitOptions = {}): Required<LimitOptions> {
	const machine = machineMemory();
	const maxWorkers = options.maxWorkers ?? (machine < ROOMY_BYTES ? 1 : 2);
	return {
		maxWorkers,
		memoryBytes: options.memoryBytes ?? Math.floor(machine * (maxWorkers === 1 ? 0.6 : 0.8 / maxWorkers)),
		threads: options.threads ?? availableParallelism(),
	};
}

/** Memory of the machine or of the container that we are in, whichever is less. */
function machineMemory(): number {
	const constrained = process.constrainedMemory();
	return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}
