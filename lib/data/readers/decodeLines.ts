import { isUtf8 } from 'node:buffer';
import { Transform, Writable } from 'node:stream';
import { cutText } from '../../domain/text.js';

export interface Damage {
	/** Lines that are no valid UTF-8, and places in them. */
	lines: number;
	places: number;
	/** The first of them, as windows-1252 reads it. */
	first?: { line: number; text: string };
}

const SHOWN = 60;
const MAX_LINE = 1 << 24;

/** For text that is not UTF-8 throughout: looks at it line by line, decides what it is, and decodes it. */
export class LineDecoder {
	readonly damage: Damage = { lines: 0, places: 0 };
	/** Letters beyond ASCII that are valid UTF-8. */
	private letters = 0;

	/** A first pass that fills `damage`. */
	survey(): Writable {
		let line = 0;
		const lines = new Lines();
		const look = (bytes: Buffer) => {
			line++;
			if (isUtf8(bytes)) {
				if (this.letters < 1e9 && bytes.some((b) => b >= 0x80)) this.letters += utf8Letters(bytes);
				return;
			}
			const text = bytes.toString('utf8');
			this.damage.lines++;
			const broken = text.split('\ufffd').length - 1;
			this.damage.places += broken;
			this.letters += [...text].filter((c) => c > '\u007f' && c !== '\ufffd').length;
			this.damage.first ??= { line, text: cutText(windows.decode(bytes).replace(/\s+/g, ' ').trim(), SHOWN) };
		};
		return new Writable({
			write(chunk: Buffer, _encoding, done) {
				lines.split(chunk).forEach(look);
				done();
			},
			final(done) {
				lines.end().forEach(look);
				done();
			},
		});
	}

	/**
	 * `windows-1252` (a superset of Latin-1) where hardly a letter is valid UTF-8, `replace` where few are not, `mixed` where there is much
	 * of both, as in files that were put together.
	 */
	decide(): 'windows-1252' | 'mixed' | 'replace' {
		const { places } = this.damage;
		if (this.letters < places * 0.05 || this.letters === 0) return 'windows-1252';
		return this.letters >= places * 2 || places < 3 ? 'replace' : 'mixed';
	}

	/** The same text as UTF-8. */
	decode(how: 'mixed' | 'replace'): Transform {
		const lines = new Lines();
		const convert = (bytes: Buffer) =>
			isUtf8(bytes) ? bytes : Buffer.from(how === 'replace' ? bytes.toString('utf8') : windows.decode(bytes));
		return new Transform({
			transform(chunk: Buffer, _encoding, done) {
				done(null, Buffer.concat(lines.split(chunk).map(convert)));
			},
			flush(done) {
				done(null, Buffer.concat(lines.end().map(convert)));
			},
		});
	}
}

const windows = new TextDecoder('windows-1252');

function utf8Letters(bytes: Buffer): number {
	let count = 0;
	for (const byte of bytes) if (byte >= 0xc0) count++;
	return count;
}

/** Cuts a stream of bytes into lines, their ends included. */
class Lines {
	private rest: Buffer = Buffer.alloc(0);

	split(chunk: Buffer): Buffer[] {
		const bytes = this.rest.length ? Buffer.concat([this.rest, chunk]) : chunk;
		const lines: Buffer[] = [];
		let from = 0;
		for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
			lines.push(bytes.subarray(from, end + 1));
			from = end + 1;
		}
		this.rest = bytes.subarray(from);
		return this.rest.length > MAX_LINE ? [...lines, ...this.end()] : lines;
	}

	end(): Buffer[] {
		const last = this.rest;
		this.rest = Buffer.alloc(0);
		return last.length ? [last] : [];
	}
}
