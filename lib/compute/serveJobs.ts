import { isMainThread, workerData } from 'node:worker_threads';
import { ownProcess } from './ownProcess.js';
import { useCompiled } from './compiledCode.js';
import type { Job } from './contract.js';
import type { ChildMessage, ParentMessage, RestedMessage, ThreadData } from './messages.js';
import { runInThread, type RunningThread } from './runInThread.js';
import { serveThread } from './serveThread.js';

/**
 * Makes the running file the entry of a compute child: in the child's main thread it takes jobs, in a thread of it (the same file is loaded
 * there) it runs one. The main thread only talks, so that it can stop the work, and end with its parent, whatever the work does; it loads
 * no jobs.
 * @param jobOf gives the job of an id, and loads it alone
 */
export function serveJobs(jobOf: (id: string) => Job<unknown, unknown> | undefined): void {
	useCompiled();
	const data = workerData as Partial<ThreadData> | null;
	if (data?.mlopsJob) void serveThread(jobOf, data as ThreadData);
	else if (isMainThread) serveProcess();
}

const leave = (): void => {
	process.kill(process.pid, 'SIGKILL');
};

function serveProcess(): void {
	process.on('disconnect', leave);
	// What is sent to a parent that was killed a moment ago fails before this process hears that it is alone.
	process.on('error', leave);
	if (!process.connected) return leave();
	ownProcess();
	let running: RunningThread | undefined;
	// Ctrl-C in a terminal reaches the whole group; the parent decides, and its end ends this process.
	process.on('SIGINT', () => {});
	process.on('SIGTERM', () => running?.cancel());
	const say = (message: ChildMessage | RestedMessage): void => {
		process.send!(message);
	};
	process.on('message', (message: ParentMessage) => {
		if (message.type !== 'run') return message.type === 'stop' ? running?.cancel() : running?.keepBest();
		// A thread gets the environment as it is when it starts.
		Object.assign(process.env, message.secrets);
		running = runInThread(process.argv[1]!, message.call, say);
		void running.ended.then((how) => {
			// What is stuck in native code goes with its process.
			if (how === 'stuck') return leave();
			running = undefined;
			say({ type: 'rested', bytes: process.memoryUsage.rss() });
		});
	});
}
