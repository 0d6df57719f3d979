import { Transform } from 'node:stream';

/** What is found while text of two bytes a sign is decoded. */
export interface Shifts {
	/** Places where a byte is missing or one too many, found at the line end behind each. */
	count: number;
	/** The line that holds the first of them. */
	first?: number;
}

/**
 * A line end as it looks from a byte beside it, and a line feed before which a program put a carriage return of one byte: none of them
 * stands in a text that anybody writes.
 */
const SHIFTED = /[\u0a00\u0d00\u0a0d]/g;
/** Bytes that are decoded at a time. */
const WINDOW = 1 << 12;
const HIGH = /[\ud800-\udbff]$/;

/**
 * UTF-16 as UTF-8. A byte that is missing or one too many, as where a program has translated line ends, would turn all that follows into
 * other signs: from the next line end on it is read rightly again.
 */
export class Utf16Decoder {
	readonly shifts: Shifts = { count: 0 };
	private rest: Buffer = Buffer.alloc(0);
	private line = 1;
	private begun = false;

	constructor(private readonly big: boolean) {}

	transform(): Transform {
		return new Transform({
			transform: (chunk: Buffer, _encoding, done) => {
				done(null, this.take(this.rest.length ? Buffer.concat([this.rest, chunk]) : chunk, false));
			},
			flush: (done) => {
				done(null, this.take(this.rest, true));
			},
		});
	}

	/** What can be decoded by now. Two bytes wait for those that follow, which may deny what they seem to be. */
	private take(bytes: Buffer, last: boolean): Buffer {
		const parts: string[] = [];
		for (let from = 0; ; ) {
			// Each such place means to begin anew, so no more is decoded at once than is soon decoded again.
			const part = bytes.subarray(from, from + WINDOW);
			const ends = from + part.length === bytes.length;
			const text = this.textOf(part);
			const at = this.shiftIn(text, part);
			if (at >= 0) {
				parts.push(text.slice(0, at), ...(this.big ? [String.fromCharCode(text.charCodeAt(at) >> 8)] : []));
				this.shifts.count++;
				this.shifts.first ??= this.line + lineFeeds(parts) - (this.big && parts.at(-1) === '\n' ? 1 : 0);
				from += 2 * at + 1;
				continue;
			}
			const whole = last && ends ? text.length : Math.max(0, text.length - 2);
			const end = HIGH.test(text.slice(0, whole)) && !(last && ends) ? whole - 1 : whole;
			parts.push(text.slice(0, end));
			from += 2 * end;
			if (!ends) continue;
			this.rest = bytes.subarray(from);
			break;
		}
		// Half a sign at the end of the file.
		if (last && this.rest.length) {
			parts.push([10, 13].includes(this.rest[0]) ? String.fromCharCode(this.rest[0]) : '\ufffd');
			this.shifts.count++;
			this.shifts.first ??= this.line + lineFeeds(parts);
		}
		this.line += lineFeeds(parts);
		const text = parts.join('');
		const mark = !this.begun && text.startsWith('\ufeff');
		this.begun ||= text !== '';
		return Buffer.from(mark ? text.slice(1) : text);
	}

	private textOf(bytes: Buffer): string {
		const even = bytes.subarray(0, bytes.length & ~1);
		return (this.big ? Buffer.from(even).swap16() : even).toString('utf16le');
	}

	/** Where a line end lies across two signs: one byte of it is the last of a sign, the other the first of the next. */
	private shiftIn(text: string, bytes: Buffer): number {
		for (const { index, 0: sign } of text.matchAll(SHIFTED)) {
			if (!this.big && bytes[2 * index + 2] === 0) return index;
			if (this.big && sign !== '\u0a0d' && [0, 13].includes(bytes[2 * index - 1])) return index;
		}
		return -1;
	}
}

const lineFeeds = (parts: readonly string[]): number => parts.reduce((n, part) => n + part.split('\n').length - 1, 0);
