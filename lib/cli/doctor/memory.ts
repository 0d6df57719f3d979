import { totalmem, freemem } from 'node:os';
import process from 'node:process';
import { machineLimits } from '../../compute/engines/limits.js';
import type { Check } from './contract.js';

const gigabytes = (bytes: number): string => `${(bytes / 2 ** 30).toFixed(1)} GB`;
const LITTLE = 2 ** 30;

/** What the machine has and what a job may use of it. */
export const memory: Check = async () => {
	const { maxWorkers, memoryBytes, threads } = machineLimits();
	const constrained = process.constrainedMemory();
	const contained = constrained > 0 && constrained < totalmem() ? `, ${gigabytes(constrained)} for this container` : '';
	return [
		{ about: 'Memory', state: 'ok', text: `${gigabytes(totalmem())}${contained}; ${gigabytes(freemem())} free now` },
		{
			about: 'A job may use',
			state: memoryBytes < LITTLE ? 'warning' : 'ok',
			text: `${gigabytes(memoryBytes)} and ${threads} ${threads === 1 ? 'thread' : 'threads'}; ${maxWorkers} at a time`,
			...(memoryBytes < LITTLE ? { remedy: 'Give the machine or container more memory: training holds the table in memory.' } : {}),
		},
	];
};
