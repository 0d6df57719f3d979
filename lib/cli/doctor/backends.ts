import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { tryBackendJob } from '../../app/jobs/tryBackendJob.js';
import { createHere } from '../../compute/engines/here/here.js';
import { runJob } from '../../compute/runJob.js';
import { MlopsError } from '../../domain/errors.js';
import { BACKENDS } from '../../learn/tensors/tensorBackends.js';
import type { Check, Finding } from './contract.js';

/** What comes with the package: without it something is broken. The others are for those who install them. */
const BROUGHT: ReadonlySet<string> = new Set(['cpu', 'wasm']);

/** Each backend for networks, tried in a process of its own, since a native one may take its process with it; and the GPU's own program. */
export const backends: Check = async ({ context }) => {
	const found: Finding[] = [];
	// On this machine, whichever engine jobs go to.
	const engine = createHere();
	for (const backend of BACKENDS) {
		const about = `Networks on ${backend}`;
		try {
			const { milliseconds } = await runJob(engine, tryBackendJob, { backend }, { context });
			found.push({ about, state: 'ok', text: `works; a product of two matrices took ${milliseconds.toFixed(0)} ms` });
		} catch (thrown) {
			const { code, message, details } = MlopsError.from(thrown);
			if (code === 'compute.cancelled') throw thrown;
			const state = BROUGHT.has(backend) ? 'broken' : code === 'learn.backend_missing' ? 'ok' : 'warning';
			found.push({ about, state, text: state === 'ok' ? `not used: ${message}` : message, remedy: details.remedy });
		}
	}
	await engine.close();
	return [...found, await graphicsCard()];
};

async function graphicsCard(): Promise<Finding> {
	const about = 'NVIDIA GPU';
	try {
		const query = ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader'];
		const { stdout } = await promisify(execFile)('nvidia-smi', query, { timeout: 10_000 });
		return { about, state: 'ok', text: stdout.trim().replaceAll('\n', '; ') };
	} catch (thrown) {
		const absent = (thrown as { code?: unknown }).code === 'ENOENT';
		if (absent) return { about, state: 'ok', text: 'none, or its program nvidia-smi is not installed; trees and linear models use none' };
		return { about, state: 'warning', text: MlopsError.from(thrown).message, remedy: 'Repair the driver: nvidia-smi must work by itself.' };
	}
}
