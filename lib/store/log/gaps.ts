import { randomUUID } from 'node:crypto';
import type { PredictionLogEntry } from '../contract.js';
import { answerText } from './lines.js';

/** Answers of one model that could not be written. */
export interface Gap {
	/** `name@version`. */
	model: string;
	digest: string;
	rows: number;
	/** ISO 8601 in UTC: the first and the last of them. */
	since: string;
	until: string;
	why: string;
}

/** Counts what the log did not take, until it can be said in the log itself. */
export function createGaps() {
	const gaps = new Map<string, Gap>();
	function note(gap: Gap): void {
		const known = gaps.get(gap.model);
		if (!known) {
			gaps.set(gap.model, { ...gap });
			return;
		}
		known.rows += gap.rows;
		if (gap.since < known.since) known.since = gap.since;
		if (gap.until > known.until) known.until = gap.until;
	}
	return {
		note,
		get size() {
			return gaps.size;
		},
		/** Hands all over to be written. What cannot be written is to be noted again. */
		take(): Gap[] {
			const taken = [...gaps.values()];
			gaps.clear();
			return taken;
		},
	};
}

/** The line that stands for a gap: an error, so that nobody takes it for an answer, with the number in `unlogged`. */
const gapEntry = ({ model, digest, rows, since, until, why }: Gap): PredictionLogEntry => ({
	at: until,
	model,
	digest,
	requestId: randomUUID(),
	input: {},
	prediction: { unlogged: rows, since, until },
	score: [],
	error: `${rows} ${rows === 1 ? 'answer' : 'answers'} from ${since} to ${until} could not be written to this log: ${why}`,
});

export const gapText = (gaps: readonly Gap[]): string => gaps.map((gap) => answerText(gapEntry(gap))).join('');

const HEAD = /^\{"at":"([^"]*)","id":"(?:[^"\\]|\\.)*","model":("(?:[^"\\]|\\.)*")(?:,"version":(\d+))?,"digest":"([^"\\]*)"/;
/** Characters of a line in which its head is looked for. */
const HEAD_CHARACTERS = 2000;

/** The gap that a line leaves which is not written. */
export function gapOf(line: string, why: string): Gap {
	// eslint-disable-next-line mlops/whole-characters -- only looked at
	const [, at = new Date().toISOString(), model, version, digest = ''] = HEAD.exec(line.slice(0, HEAD_CHARACTERS)) ?? [];
	const name = model === undefined ? 'unknown model' : (JSON.parse(model) as string);
	return { model: version === undefined ? name : `${name}@${version}`, digest, rows: 1, since: at, until: at, why };
}
