import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ingest, type IngestInput, type IngestResult } from '../../lib/data/ingest.js';

export interface Workshop {
	folder: string;
	path(name: string): string;
	ingest(input: IngestInput, threads?: number): Promise<IngestResult>;
	close(): void;
}

/** A temporary folder with what `ingest` needs. */
export function workshop(): Workshop {
	const folder = mkdtempSync(join(tmpdir(), 'mlops-data-'));
	let files = 0;
	return {
		folder,
		path: (name) => join(folder, name),
		ingest: (input, threads = 2) =>
			ingest(
				input,
				{
					temporary: async (extension) => join(folder, `${++files}.${extension}`),
					threads,
					memoryBytes: 1 << 30,
					temporaryDirectory: folder,
				},
				{ progress: () => {}, note: () => {} },
			),
		close: () => rmSync(folder, { recursive: true, force: true }),
	};
}
