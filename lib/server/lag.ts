/** How often the thread says that it is not behind. */
const TICK_MS = 20;

/**
 * How long, in milliseconds, requests wait in this thread before it comes to them. Each turn of its event loop takes all sockets on which
 * something has come, and timers come between two turns: so the time since the last timer is how long this turn goes on already, and what
 * is taken late in it has waited as long. A mean over past turns, which other gauges give, would say it when it is over.
 */
export function watchLag(): { now(): number; stop(): void } {
	let last = performance.now();
	const timer = setInterval(() => {
		last = performance.now();
	}, TICK_MS);
	timer.unref();
	return {
		now: () => Math.max(0, performance.now() - last - TICK_MS),
		stop: () => clearInterval(timer),
	};
}
