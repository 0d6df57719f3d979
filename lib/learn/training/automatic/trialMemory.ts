import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { cacheFolder } from '../../../compute/cacheFolder.js';
import { MlopsError } from '../../../domain/errors.js';
import type { Judgement } from './judgeTrials.js';
import type { LeaderboardRow } from './candidates.js';

/** A trial that went well, with its answers. */
export interface KeptTrial {
	row: LeaderboardRow;
	judgement: Judgement;
}

/** A line of the file. */
type Line = { key: string; row: LeaderboardRow } & { judgement: Omit<Judgement, 'scores'>; scores: string };

/** A line begins with a digest of all that follows. */
const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Bytes that one training writes, and how long its file waits for another of the same. */
const MOST_BYTES = 2 ** 27;
const DAYS = 3;
const DAY = 86_400_000;
const NAME = /^trials-[0-9a-f]{16}-\d+\.jsonl$/;

/**
 * What Automatic has tried, in a file in the user's cache folder, so that a training whose process is killed goes on where it was: another
 * one of the same data, choices and code takes over its trials, to the bit. Each process writes a file of its own; the end of a training
 * takes those of its question away, and whoever begins one takes away what waited for three days. A line that was cut off, or is not what
 * was written, is as if it were not there.
 */
export class TrialMemory {
	readonly #known = new Map<string, KeptTrial>();
	readonly #file: string;
	#bytes = 0;
	#taken = 0;

	/**
	 * @param question a digest of all that decides what is tried, and how it is judged
	 * @param unkept told once why trials are no longer kept
	 */
	constructor(
		private readonly question: string,
		private readonly unkept: (why: string) => void,
		private readonly folder = cacheFolder(),
	) {
		this.#file = path.join(folder, `${this.#prefix()}${process.pid}.jsonl`);
		for (const file of this.#files()) {
			if (path.basename(file).startsWith(this.#prefix())) this.#read(file);
			else remove(file, DAYS * DAY);
		}
	}

	/** Trials that were taken over. */
	get taken(): number {
		return this.#taken;
	}

	recall(key: string): KeptTrial | undefined {
		const known = this.#known.get(key);
		// Its answers are the caller's now; the file has them until the end.
		if (this.#known.delete(key)) this.#taken++;
		return known;
	}

	/** Never throws: without room a training goes on, it only cannot be taken over. */
	keep(key: string, { row, judgement }: KeptTrial): void {
		if (this.#bytes > MOST_BYTES) return;
		const { scores, ...rest } = judgement;
		const bytes = Buffer.from(scores.buffer, scores.byteOffset, scores.byteLength);
		const line = { key, row, judgement: rest, scores: bytes.toString('base64') } satisfies Line;
		// On a line of its own, whatever a process of the same number left of its last one.
		const said = JSON.stringify(line);
		const text = `\n${digestOf(said)} ${said}`;
		this.#bytes += text.length;
		if (this.#bytes > MOST_BYTES) return this.unkept('their answers are too many');
		try {
			mkdirSync(this.folder, { recursive: true });
			appendFileSync(this.#file, text, { mode: 0o600 });
		} catch (thrown) {
			this.#bytes = Infinity;
			this.unkept(MlopsError.from(thrown).message);
		}
	}

	/** The training is done: nobody has to go on with it. */
	forget(): void {
		for (const file of this.#files()) if (path.basename(file).startsWith(this.#prefix())) remove(file);
	}

	#prefix(): string {
		return `trials-${this.question.slice(0, 16)}-`;
	}

	#files(): string[] {
		try {
			return readdirSync(this.folder)
				.filter((name) => NAME.test(name))
				.map((name) => path.join(this.folder, name));
		} catch {
			return [];
		}
	}

	#read(file: string): void {
		let text: string;
		try {
			text = readFileSync(file, 'utf8');
		} catch {
			return;
		}
		for (const each of text.split('\n')) {
			const line = read(each);
			if (!line) continue;
			const bytes = Buffer.from(line.scores, 'base64');
			const scores = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
			this.#known.set(line.key, { row: line.row, judgement: { ...line.judgement, scores } });
		}
	}
}

/** Where it is older than so many milliseconds. A file that may not be taken away waits for somebody who may: no training fails for it. */
function remove(file: string, age = 0): void {
	try {
		if (age === 0 || Date.now() - statSync(file).mtimeMs > age) rmSync(file, { force: true });
	} catch {
		/* said nowhere: it is a few megabytes in a folder of caches */
	}
}

/** Undefined for a line that was cut off or damaged. */
function read(line: string): Line | undefined {
	const [, digest, said = ''] = /^([0-9a-f]{64}) (.*)$/.exec(line) ?? [];
	return digest === digestOf(said) ? (JSON.parse(said) as Line) : undefined;
}
