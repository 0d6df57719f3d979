import { setTimeout as sleep } from 'node:timers/promises';

/** How long n8n took to answer, in milliseconds. */
export interface Pulse {
	answers: number;
	p50: number;
	p99: number;
	max: number;
}

/** Asks n8n's /healthz every 50 ms, as a load balancer would, and remembers how long each answer took. */
export function watchPulse(url: string, everyMs = 50): { stop(): Promise<Pulse> } {
	const took: number[] = [];
	let going = true;
	const done = (async () => {
		while (going) {
			const from = performance.now();
			await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(30_000) }).then(
				async (answer) => await answer.text(),
				() => {},
			);
			took.push(performance.now() - from);
			await sleep(everyMs);
		}
	})();
	return {
		async stop() {
			going = false;
			await done;
			const sorted = took.toSorted((a, b) => a - b);
			const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
			return { answers: sorted.length, p50: at(0.5), p99: at(0.99), max: sorted.at(-1)! };
		},
	};
}
