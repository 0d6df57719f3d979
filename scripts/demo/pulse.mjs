import { setTimeout as sleep } from 'node:timers/promises';

/** Asks n8n's /healthz every 50 ms, as a load balancer would, and remembers how long each answer took. */
export function watchPulse(url, everyMs = 50) {
	const took = [];
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
			const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
			return { answers: sorted.length, p50: at(0.5), p99: at(0.99), max: sorted.at(-1) };
		},
	};
}
