import type { Progress } from './progress.js';

type Tell = (progress: Progress) => void;

/** After so long without news what was said last is said again: so it is seen that the work goes on, and what time is left by now. */
const SILENT_MS = 3_000;

/** Progress of work whose parts do not know of each other: its share never goes back. */
export function forward(tell: Tell): Tell {
	let last = 0;
	return (progress) => {
		if (progress.share === undefined) return tell(progress);
		last = Math.max(last, progress.share);
		tell({ ...progress, share: last });
	};
}

/** Does work that says how far it is, and is heard of all the while. */
export async function heardOf<T>(tell: Tell, work: (tell: Tell) => Promise<T>, silentMs = SILENT_MS): Promise<T> {
	let last: Progress | undefined;
	const again = setInterval(() => last && tell(last), silentMs).unref();
	try {
		return await work((progress) => {
			last = progress;
			again.refresh();
			tell(progress);
		});
	} finally {
		clearInterval(again);
	}
}
