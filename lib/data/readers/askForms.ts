import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { CellForms } from '../sources/contract.js';
import { nothingFound, oddKeeper, type Part } from './cellForms.js';
import type { CsvFile } from './csvShape.js';
import { STRIDE } from './survey.js';

/** Bytes that are worth a further thread: about half a second. */
const PART = 1 << 28;

/** `<root>/dist/lib/data/readers/formThread.js`, whether this file runs from `lib/` (tests) or from `dist/lib/`. */
function builtThread(): string | undefined {
	const places = [
		path.join(__dirname, 'formThread.js'),
		path.join(__dirname, '..', '..', '..', 'dist', 'lib', 'data', 'readers', 'formThread.js'),
	];
	return places.find((place) => existsSync(place));
}

type AskedFile = Pick<CsvFile, 'path' | 'survey' | 'dialect' | 'skip' | 'width'>;

export interface AskedForms {
	/** What the cells of all rows have in common; nothing where a line is not plainly a row, or where it cannot be told. */
	found: Promise<CellForms | undefined>;
	/** Asks no more; the threads are gone then. */
	end(): Promise<void>;
}

/**
 * Looks at the cells of a whole file, each line of which seems to be a row, in threads beside what else goes on: several for a large one,
 * each with lines of its own, so the answer does not depend on how many there are.
 * @param partBytes what is worth a further thread
 */
export function askForms(file: AskedFile, words: readonly string[], threads: number, partBytes = PART): AskedForms {
	const program = builtThread();
	const parts = program === undefined ? [] : partsOf(file, words, threads, partBytes);
	const workers = parts.map((workerData) => new Worker(program!, { workerData, name: 'csv-forms' }));
	const end = async (): Promise<void> => {
		await Promise.all(workers.map(async (worker) => await worker.terminate()));
	};
	const answers = workers.map(
		(worker) =>
			new Promise<CellForms | undefined>((resolve) => {
				worker.unref();
				worker.on('message', resolve);
				// A thread that cannot be had, or that fails: the texts are then read as texts.
				worker.on('error', () => resolve(undefined));
				worker.on('exit', () => resolve(undefined));
			}),
	);
	return { found: parts.length ? Promise.all(answers).then((all) => together(all, file.width)) : Promise.resolve(undefined), end };
}

function together(all: ReadonlyArray<CellForms | undefined>, width: number): CellForms | undefined {
	const found = nothingFound(width);
	const keep = oddKeeper(found);
	for (const of of all) {
		if (!of) return undefined;
		for (let k = 0; k < width; k++) {
			found.forms[k] &= of.forms[k];
			found.words[k] |= of.words[k];
			for (const { row, text, lacks } of of.odd[k]) keep(k, { row: found.rows + row, text, lacks });
		}
		found.rows += of.rows;
	}
	return found;
}

/** The file in parts of about the same size; none where its cells cannot be told apart byte by byte. */
function partsOf(
	{ path: file, survey, dialect, skip, width }: AskedFile,
	words: readonly string[],
	threads: number,
	partBytes: number,
): Part[] {
	const byte = (sign: string): number | undefined => (/^[\x01-\x7f]$/.test(sign) ? sign.charCodeAt(0) : undefined);
	const [delimiter, quote] = [byte(dialect.delimiter), byte(dialect.quote)];
	if (!survey?.starts || delimiter === undefined || quote === undefined || dialect.escape !== dialect.quote) return [];
	const { starts, lf, cr, crlf } = survey;
	if (cr > 0 && !(cr === crlf && lf === crlf)) return [];
	const { size } = statSync(file);
	const first = Math.floor(skip / STRIDE);
	const count = Math.max(1, Math.min(threads, Math.ceil(size / partBytes), starts.length - first));
	const cut = (k: number): number => (k === count ? size : starts[first + Math.floor((k * (starts.length - first)) / count)]);
	return Array.from({ length: count }, (_, k) => ({
		path: file,
		from: cut(k),
		to: cut(k + 1),
		skip: k === 0 ? skip % STRIDE : 0,
		width,
		delimiter,
		quote,
		crlf: crlf > 0,
		words,
	}));
}
