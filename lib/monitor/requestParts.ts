import type { ColumnReading } from '../domain/drift.js';
import type { ModelManifest } from '../domain/model.js';
import { FiledColumn, type ColumnFile } from '../data/columnFile.js';
import type { Frame } from '../data/frame.js';
import { requestsOf, type LoggedRow } from './frameFromLog.js';

const MOST_EXAMPLES = 5;

/** What `requestsOf` makes of all logged requests, gathered part by part; the columns lie in a file. */
export class RequestParts {
	readonly #columns: FiledColumn[];
	readonly #named = new Set<string>();
	readonly #reading = new Map<string, ColumnReading>();
	#rows = 0;

	constructor(
		private readonly manifest: Pick<ModelManifest, 'v' | 'signature' | 'seen'>,
		file: ColumnFile,
	) {
		this.#columns = manifest.signature.map(() => new FiledColumn(file));
	}

	add(entries: readonly LoggedRow[]): void {
		const { signature } = this.manifest;
		for (const { input, error } of entries)
			if (error === undefined) for (const { name } of signature) if (Object.hasOwn(input, name)) this.#named.add(name);
		const { frame, reading } = requestsOf(entries, this.manifest, signature);
		if (frame.rows === 0) return;
		for (const [j, vector] of frame.vectors.entries()) this.#columns[j].append(vector);
		this.#rows += frame.rows;
		for (const found of reading) {
			const known = this.#reading.get(found.column);
			if (!known) {
				this.#reading.set(found.column, found);
				continue;
			}
			for (const kind of ['unread', 'unknown', 'outside'] as const) known[kind] += found[kind];
			known.examples = [...new Set([...known.examples, ...found.examples])].slice(0, MOST_EXAMPLES);
		}
	}

	all(): { frame: Frame; reading: ColumnReading[] } {
		const { signature } = this.manifest;
		if (this.#rows === 0) return requestsOf([], this.manifest);
		const kept = signature.flatMap((column, j) => (this.#named.has(column.name) ? [{ column, j }] : []));
		return {
			frame: {
				rows: this.#rows,
				schema: kept.map(({ column }) => column),
				vectors: kept.map(({ j }) => this.#columns[j].vector()),
				rowId: Float64Array.from({ length: this.#rows }, (_, i) => i),
			},
			reading: signature.flatMap(({ name }) => this.#reading.get(name) ?? []),
		};
	}
}
