import { createWriteStream } from 'node:fs';
import { once } from 'node:events';

const BUFFER_LENGTH = 1 << 16;

/** A cell that holds what any reader takes for text. */
export const quotedCell = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** A cell as RFC 4180 has it: quoted only where it must be. */
export const csvCell = (text: string): string => (/[",\n\r]/.test(text) ? quotedCell(text) : text);

/** Writes rows as CSV in UTF-8, every text quoted, null as an empty value. */
export class CsvWriter {
	private readonly stream;
	private buffer = '';
	private failure: Error | undefined;
	rows = 0;

	constructor(path: string) {
		this.stream = createWriteStream(path);
		// A full disk must not end the process: whoever writes next is told.
		this.stream.on('error', (error) => {
			this.failure = error;
		});
	}

	/** Adds a row; waits when the disk is slower than the source. @throws what the file system said */
	async write(values: readonly (string | null)[]): Promise<void> {
		// A line with nothing in it is no row to those who read CSV.
		if (values.length === 1 && values[0] === null) this.buffer += '""\n';
		else this.buffer += `${values.map((v) => (v === null ? '' : quotedCell(v))).join(',')}\n`;
		this.rows++;
		if (this.buffer.length > BUFFER_LENGTH) await this.flush();
	}

	/** Adds rows that are lines of CSV already. @throws what the file system said */
	async writeLines(lines: readonly string[]): Promise<void> {
		this.buffer += `${lines.join('\n')}\n`;
		this.rows += lines.length;
		await this.flush();
	}

	private async flush(): Promise<void> {
		if (this.failure) throw this.failure;
		const text = this.buffer;
		this.buffer = '';
		if (!this.stream.write(text)) await once(this.stream, 'drain');
	}

	async close(): Promise<void> {
		if (this.stream.writableEnded) return;
		await this.flush();
		this.stream.end();
		await once(this.stream, 'finish');
	}
}
