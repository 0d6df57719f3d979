import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import path from 'node:path';
import { z } from 'zod/v4';
import { cacheFolder } from '../../compute/cacheFolder.js';
import { MlopsError } from '../../domain/errors.js';
import { BACKENDS, optionalBackends, ownVersions } from './tensorBackends.js';
import { measured } from './backendCosts.js';

/** What is remembered of a backend on this machine. */
const remembered = z.discriminatedUnion('state', [
	measured.extend({ state: z.literal('measured') }),
	z.object({ state: z.literal('failed'), id: z.enum(BACKENDS), at: z.iso.datetime(), why: z.string() }),
	/** A measurement that nobody has ended: it runs elsewhere, or the backend took its process with it. */
	z.object({ state: z.literal('begun'), id: z.enum(BACKENDS), at: z.iso.datetime() }),
]);
export type Remembered = z.infer<typeof remembered>;

const content = z.object({ format: z.literal(1), machine: z.record(z.string(), z.string()), backends: z.array(remembered) });

/** All that a measurement depends on, as far as it can be told without opening anything: where it differs, all is measured anew. */
export function machine(): Record<string, string> {
	const processors = cpus();
	const environment = [
		'VK_ICD_FILENAMES',
		'VK_DRIVER_FILES',
		'CUDA_VISIBLE_DEVICES',
		'NVIDIA_VISIBLE_DEVICES',
		'TF_FORCE_GPU_ALLOW_GROWTH',
	];
	return {
		...ownVersions(),
		...Object.fromEntries(optionalBackends().map(({ id, version }) => [id, version])),
		node: process.version,
		system: `${process.platform} ${process.arch}`,
		processor: processors[0]?.model.trim() ?? 'unknown',
		cores: String(processors.length),
		threads: String(availableParallelism()),
		...Object.fromEntries(environment.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]]))),
		drivers: drivers(),
	};
}

/** The graphics drivers of Linux, by the files that they leave; elsewhere the system brings them. */
function drivers(): string {
	const folders = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d', '/usr/local/share/vulkan/icd.d', '/dev/dri'];
	const found = folders.flatMap((folder) => {
		try {
			return readdirSync(folder).sort();
		} catch {
			return [];
		}
	});
	try {
		found.push(readFileSync('/proc/driver/nvidia/version', 'utf8').split('\n')[0].trim());
	} catch {
		/* not NVIDIA's, or none */
	}
	return found.join(', ');
}

/**
 * What was measured on this machine, in a file in the user's cache folder, one for each machine as it is now: a home may be shared. It is
 * no part of the store, since models may not depend on where it happens to lie.
 */
export class BackendMemory {
	readonly #machine = machine();
	readonly file: string;

	constructor(folder = cacheFolder()) {
		const digest = createHash('sha256').update(JSON.stringify(this.#machine)).digest('hex');
		this.file = path.join(folder, `backends-${digest.slice(0, 16)}.json`);
	}

	/** What is remembered; nothing where there is no file, or one that cannot be read. */
	async read(): Promise<Remembered[]> {
		try {
			const read = content.safeParse(JSON.parse(await readFile(this.file, 'utf8')));
			return read.success ? read.data.backends : [];
		} catch {
			return [];
		}
	}

	/**
	 * Remembers one more, in the place of what was known of it. Written aside and renamed: whoever reads sees one content or another, whole.
	 * Of two writers at once one may be forgotten, and is measured again. Says why where it could not be written.
	 */
	async put(one: Remembered): Promise<string | undefined> {
		const aside = `${this.file}.${randomBytes(6).toString('hex')}`;
		try {
			const backends = [...(await this.read()).filter(({ id }) => id !== one.id), one];
			await mkdir(path.dirname(this.file), { recursive: true });
			await writeFile(aside, JSON.stringify({ format: 1, machine: this.#machine, backends }, undefined, '\t'));
			await rename(aside, this.file);
			return undefined;
		} catch (thrown) {
			await rm(aside, { force: true }).catch(() => {});
			return MlopsError.from(thrown).message;
		}
	}

	/** Forgets all. Says why where it could not. */
	async clear(): Promise<string | undefined> {
		try {
			await rm(this.file, { force: true });
			return undefined;
		} catch (thrown) {
			return MlopsError.from(thrown).message;
		}
	}
}
