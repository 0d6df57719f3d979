import type { Progress } from './progress.js';

/** A pace is believed once it was watched for so long and over so much of the work. */
const LEAST_SECONDS = 1;
const LEAST_SHARE = 0.02;

interface Mark {
	at: number;
	share: number;
	stage: string;
}

/**
 * Adds the time left to the progress of one piece of work: by the pace of the present stage, or until that has shown one, by the pace since
 * the start. Work that goes back (another fold, another learner) starts anew.
 *
 * @param now a clock in seconds
 */
export function timeLeft(now: () => number = () => performance.now() / 1000): (progress: Progress) => Progress {
	let start: Mark | undefined;
	let stage: Mark | undefined;
	let last = 0;
	return (progress) => {
		const { share } = progress;
		if (share === undefined) return progress;
		const mark: Mark = { at: now(), share, stage: progress.stage };
		if (!start || share < last) start = stage = mark;
		if (stage?.stage !== progress.stage) stage = mark;
		last = share;
		if (progress.secondsLeft !== undefined || share >= 1) return progress;
		const secondsLeft = leftAt(stage!, mark) ?? leftAt(start, mark);
		return secondsLeft === undefined ? progress : { ...progress, secondsLeft };
	};
}

function leftAt(from: Mark, to: Mark): number | undefined {
	const seconds = to.at - from.at;
	const share = to.share - from.share;
	return seconds >= LEAST_SECONDS && share >= LEAST_SHARE ? (seconds / share) * (1 - to.share) : undefined;
}
