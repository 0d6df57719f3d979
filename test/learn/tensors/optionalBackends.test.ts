import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buildSync } from 'esbuild';

/** Chromium's software Vulkan driver, as Debian installs it: slow, but a real one. */
const SWIFTSHADER = '/usr/lib/chromium/vk_swiftshader_icd.json';

const root = join(__dirname, '../../..');

interface Outcome {
	backend?: string;
	difference?: number;
	tabular?: number;
	many?: number;
	steps?: Array<{ step: number; operation: number }>;
	chosen?: string;
	why?: string;
	known?: { state: string; why?: string };
	fast?: { chosen: string; told: string; many: number };
	auc?: number;
	code?: string;
	message?: string;
}

/** Drivers are chosen by the environment before a process starts, so each backend gets a process of its own. */
function trainOn(script: string, backend: string, epochs = 2): Promise<Outcome> {
	const driver =
		existsSync(SWIFTSHADER) && !process.env.VK_ICD_FILENAMES
			? { VK_ICD_FILENAMES: SWIFTSHADER, LD_LIBRARY_PATH: `/usr/lib/chromium:${process.env.LD_LIBRARY_PATH ?? ''}` }
			: {};
	return new Promise((resolve, reject) => {
		execFile(
			process.execPath,
			[script, backend, String(epochs)],
			{ env: { ...process.env, ...driver, XDG_CACHE_HOME: dirname(script) }, timeout: 280_000 },
			(error, stdout) => {
				const line = stdout.trim().split('\n').at(-1);
				if (line?.startsWith('{')) resolve(JSON.parse(line) as Outcome);
				else reject(error ?? new Error('no answer'));
			},
		);
	});
}

describe('backends that a person may install', () => {
	// Inside the project, so that the script finds the packages as the product does.
	const folder = mkdtempSync(join(root, 'node_modules/.cache-tensors-'));
	const script = join(folder, 'trainOn.js');
	beforeAll(() => {
		buildSync({
			entryPoints: [join(__dirname, 'trainOn.ts')],
			outfile: script,
			bundle: true,
			platform: 'node',
			format: 'cjs',
			external: ['@tensorflow/*', 'webgpu'],
			logLevel: 'silent',
		});
	});
	afterAll(() => rmSync(folder, { recursive: true, force: true }));

	for (const backend of ['webgpu', 'tfjs-node', 'tfjs-node-gpu']) {
		test(`${backend} trains networks that plain JavaScript repeats, or says why it cannot be used here`, async () => {
			const outcome = await trainOn(script, backend);
			// Where Chromium brought its software driver, WebGPU has no excuse.
			if (outcome.code === 'learn.backend_missing' && !(backend === 'webgpu' && existsSync(SWIFTSHADER))) {
				console.info(`skipped: ${outcome.message}`);
				return;
			}
			expect(outcome).toMatchObject({ backend: `tensorflow.js ${backend}` });
			expect(outcome.difference).toBeLessThan(1e-5);
			expect(outcome.tabular).toBeLessThan(1e-5);
			expect(outcome.many).toBeLessThan(1e-5);
			expect(outcome.steps).toHaveLength(1);
			expect(outcome.steps![0].step + outcome.steps![0].operation).toBeGreaterThan(0);
			// Automatic measured it, or does not because its driver is software; the run says which.
			expect(outcome.known?.state).toMatch(/^(measured|failed)$/);
			if (outcome.known!.state === 'failed')
				expect(outcome).toMatchObject({ chosen: 'wasm', known: { why: expect.stringContaining('too slow') } });
			expect(outcome.why).toContain(outcome.known!.state === 'failed' ? outcome.known!.why : `${backend} on 20`);
			// Once it is known to be fast, large trainings and very many rows go to it.
			expect(outcome.fast).toMatchObject({
				chosen: backend,
				told: expect.stringMatching(`^The network answered on ${backend}, within `),
			});
			expect(outcome.fast!.many).toBeLessThan(1e-5);
			expect(outcome.auc).toBeGreaterThan(0.9);
		}, 300_000);
	}
});
