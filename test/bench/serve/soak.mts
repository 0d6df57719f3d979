import { flood, type Target } from './load.mts';
import type { Running } from './servers.mts';

const CONNECTIONS = 1000;
const REQUESTS = 3e6;
/** A piece of the soak: the memory is looked at between and within pieces. */
const SECONDS = 30;
const SAMPLE_MS = 5000;

/**
 * Holds a thousand connections open until three million requests are answered or so many minutes are over, and says how much memory the
 * server takes meanwhile.
 */
export async function soak(
	server: Running,
	targetOf: (rows: number) => Omit<Target, 'url'>,
	minutes: number,
	say: (text: string) => void,
): Promise<void> {
	const target = { url: server.url, ...targetOf(1) };
	const samples: number[] = [];
	const timer = setInterval(() => samples.push(server.megabytes()), SAMPLE_MS);
	let [requests, failed] = [0, 0];
	const end = performance.now() + minutes * 60_000;
	while (requests < REQUESTS && performance.now() < end) {
		const load = await flood(target, SECONDS, CONNECTIONS);
		requests += load.requests;
		failed += load.failed;
		const last = samples.slice(-SECONDS / (SAMPLE_MS / 1000));
		say(
			`${(requests / 1e6).toFixed(2)} M requests, ${failed} failed, ${load.perSecond.toFixed(0)}/s, p99 ${load.p99.toFixed(1)} ms, ` +
				`memory ${Math.min(...last).toFixed(0)} to ${Math.max(...last).toFixed(0)} MB`,
		);
	}
	clearInterval(timer);
	await server.stop();
	// The first third fills caches and the heap up to its working size.
	const third = Math.ceil(samples.length / 3);
	const mean = (part: readonly number[]) => part.reduce((a, b) => a + b, 0) / part.length;
	say(
		`memory: ${mean(samples.slice(third, 2 * third)).toFixed(0)} MB in the second third of ${samples.length} samples, ` +
			`${mean(samples.slice(2 * third)).toFixed(0)} MB in the last`,
	);
}
