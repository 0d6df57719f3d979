import { pbkdf2Sync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { isMainThread, Worker } from 'node:worker_threads';
import type { z } from 'zod/v4';
import { serveJobs } from '../../lib/compute/serveJobs.js';
import { defineJob } from '../../lib/compute/contract.js';
import { runPosted } from '../../lib/compute/engines/runPosted.js';
import { MlopsError } from '../../lib/domain/errors.js';
import { storeRef } from '../../lib/domain/storeRef.js';
import { openStore } from '../../lib/store/openStore.js';
import { add, allocate, build, chat, dig, echo, fail, leave, silent, spin, whereAmI } from './jobs.js';

const megabyte = 2 ** 20;

const jobs = (): Array<NonNullable<ReturnType<Parameters<typeof serveJobs>[0]>>> => [
	defineJob({ ...add, run: async ({ a, b }) => ({ sum: a + b }) }),
	defineJob({ ...echo, run: async (input) => input }),
	defineJob({
		...chat,
		run: async (_, context) => {
			for (let i = 1; i <= 1000; i++) context.progress({ stage: 'Counting', share: i / 1000 });
			context.note('chat.done', 'Counted to a thousand.');
			return { threads: context.threads, memoryBytes: context.memoryBytes };
		},
	}),
	defineJob({
		...fail,
		run: async ({ typed }) => {
			if (typed) throw new MlopsError('learn.target_unknown', 'No column "y".', { column: 'y', remedy: 'Pick another.' });
			throw new RangeError('a surprise');
		},
	}),
	defineJob({
		...spin,
		run: async ({ polite }, context) => {
			context.note('spin.pid', String(process.pid));
			while (!(polite && Atomics.load(context.cancelled, 0) === 1)) Math.sqrt(2);
			context.note('spin.polite', 'stopped by itself');
			return {};
		},
	}),
	defineJob({
		...allocate,
		run: async ({ megabytes }) => {
			const kept: Uint8Array[] = [];
			for (let i = 0; i < megabytes; i += 10) {
				kept.push(new Uint8Array(10 * megabyte).fill(i));
				await wait(5);
			}
			// So much is never allowed: whoever watches over it has all the time to see it.
			if (megabytes >= 1_000) await wait(120_000);
			return { bytes: kept.reduce((sum, piece) => sum + piece.length, 0) };
		},
	}),
	defineJob({
		...build,
		run: async () => {
			const kept: unknown[] = [];
			for (let i = 0; ; i++) kept.push(new Array(100_000).fill(i + 0.5));
		},
	}),
	defineJob({
		...dig,
		run: async (_, context) => {
			context.note('dig.pid', String(process.pid));
			// Native code that JavaScript cannot interrupt, for about an hour.
			pbkdf2Sync('a', 'b', 2 ** 31 - 1, 64, 'sha512');
			return {};
		},
	}),
	defineJob({
		...whereAmI,
		run: async () => {
			const nice = (path: string): number => Number(readFileSync(path, 'utf8').split(') ')[1]!.split(' ')[16]);
			const inner = new Worker(
				'require("node:worker_threads").parentPort.postMessage(require("node:fs").readFileSync("/proc/thread-self/stat", "utf8"))',
				{ eval: true },
			);
			const stat = await new Promise<string>((resolve) => {
				inner.once('message', resolve);
			});
			return {
				pid: process.pid,
				execArgv: process.execArgv,
				nice: process.platform === 'linux' ? [nice('/proc/thread-self/stat'), Number(stat.split(') ')[1]!.split(' ')[16])] : [5, 5],
			};
		},
	}),
	defineJob({ ...leave, run: async () => process.exit(3) }),
	defineJob({ ...silent, run: async () => JSON.parse('{"wrong":true}') as z.infer<typeof silent.output> }),
];

/** Called as `mlops job run ID --store REFERENCE` is, it does what that does, with these jobs. */
async function asProgram([, , id, , ref, , leaseMs]: string[]): Promise<void> {
	const store = await openStore(storeRef.parse(JSON.parse(ref)));
	const { stuck } = await runPosted(store.jobs, id, process.argv[1]!, new AbortController().signal, leaseMs ? Number(leaseMs) : undefined);
	if (stuck) process.kill(process.pid, 'SIGKILL');
	await store.close();
}

if (isMainThread && process.argv[2] === 'job') void asProgram(process.argv.slice(2));
else serveJobs((id) => jobs().find((job) => job.id === id));
