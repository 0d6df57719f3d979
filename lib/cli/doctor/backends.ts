import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { tryBackendJob } from '../../app/jobs/tryBackendJob.js';
import { createHere } from '../../compute/engines/here/here.js';
import { runJob } from '../../compute/runJob.js';
import { MlopsError } from '../../domain/errors.js';
import { measuredText } from '../../learn/tensors/backendCosts.js';
import { BackendMemory } from '../../learn/tensors/backendMemory.js';
import { BACKENDS, type BackendId } from '../../learn/tensors/tensorBackends.js';
import type { Check, Finding } from './contract.js';

/** What comes with the package: without it something is broken. The others are for those who install them. */
const BROUGHT: ReadonlySet<string> = new Set(['cpu', 'wasm']);

/**
 * Each backend for networks, tried in a process of its own, since a native one may take its process with it, with what was measured of it;
 * and the GPU's own program. `measure`: forgets what was measured, and measures anew.
 */
export const backends =
	(measure: boolean): Check =>
	async ({ context }) => {
		const found: Finding[] = [];
		const memory = new BackendMemory();
		const kept = measure ? await memory.clear() : undefined;
		if (kept !== undefined) found.push({ about: 'Networks', state: 'warning', text: `What was measured could not be forgotten: ${kept}` });
		// On this machine, whichever engine jobs go to.
		const engine = createHere();
		for (const backend of BACKENDS) {
			const about = `Networks on ${backend}`;
			try {
				const { milliseconds, unmeasured } = await runJob(engine, tryBackendJob, { backend, measure }, { context });
				const works = `works; a product of two matrices took ${milliseconds.toFixed(0)} ms`;
				found.push({
					about,
					// What a person installed and is too slow to be of use is no fault.
					state: unmeasured && BROUGHT.has(backend) ? 'warning' : 'ok',
					text: `${works}; ${unmeasured ?? (await rememberedText(memory, backend))}`,
				});
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

/** What *Automatic* knows of a backend. */
async function rememberedText(memory: BackendMemory, id: BackendId): Promise<string> {
	const all = await memory.read();
	const one = all.find((known) => known.id === id);
	if (!one) return 'not measured; "mlops doctor --measure" does it, and so does the first large training where there is a choice';
	if (one.state === 'failed') return one.why;
	if (one.state === 'begun') return `a measurement began at ${one.at} and has not ended`;
	return measuredText(
		one,
		all.filter((known) => known.state === 'measured').find((known) => known.id === 'wasm'),
	);
}

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
