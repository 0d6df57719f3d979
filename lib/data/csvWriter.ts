import { createWriteStream } from 'node:fs';
import { once } from 'node:events';

/** Writes rows as CSV in UTF-8, every text quoted, null as an empty unquoted value. */
export class CsvWriter {
	private readonly stream;
	private buffer = '';
	rows = 0;

	constructor(path: string) {
		this.stream = createWriteStream(path);
	}

	/** Adds a row; waits when the disk is slower than the source. */
	async write(values: readonly (string | null)[]): Promise<void> {
		this.buffer += `${values.map((v) => (v === null ? '' : `"${v.replaceAll('"', '""')}"`)).join(',')}\n`;
		this.rows++;
		if (this.buffer.length > 1 << 16) await this.flush();
	}

	private async flush(): Promise<void> {
		const text = this.buffer;
		this.buffer = '';
		if (!this.stream.write(text)) await once(this.stream, 'drain');
	}

	async close(): Promise<void> {
		await this.flush();
		this.stream.end();
		await once(this.stream, 'finish');
	}
}
