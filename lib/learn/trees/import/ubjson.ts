import { dictionary } from '../../../domain/dictionary.js';
import { refuse } from './shared.js';

/** Types whose elements take room in the file: a short file of the others could ask for any number of them. */
const SIZED = 'iUIlLdDSC[{';
const MOST_DEPTH = 64;

/**
 * Decodes UBJSON (draft 12) as XGBoost writes it: objects, arrays (also typed and counted), strings, numbers, booleans, null. @throws
 * `learn.model_invalid`
 */
export function decodeUbjson(bytes: Uint8Array): unknown {
	return new Decoder(bytes).read();
}

const cut = () => refuse('XGBoost', 'the file is cut off or damaged');
const text = new TextDecoder();

class Decoder {
	readonly #bytes: Uint8Array;
	readonly #view: DataView;
	#at = 0;
	#depth = 0;

	constructor(bytes: Uint8Array) {
		this.#bytes = bytes;
		this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	}

	/** One value of a type, or, without one, of the type that the next byte says. */
	read(type = this.#marker()): unknown {
		switch (type) {
			case 'Z':
				return null;
			case 'T':
				return true;
			case 'F':
				return false;
			case 'S':
				return this.#string();
			case 'C':
				return this.#marker();
			case '[':
				return this.#array();
			case '{':
				return this.#object();
			default:
				return this.#number(type);
		}
	}

	/** The place of the next `n` bytes, which are passed over. */
	#need(n: number): number {
		if (n < 0 || this.#at + n > this.#bytes.length) throw cut();
		this.#at += n;
		return this.#at - n;
	}

	#marker(): string {
		return String.fromCharCode(this.#bytes[this.#need(1)]);
	}

	/** Passes over the next byte where it is this one. */
	#skips(marker: string): boolean {
		if (String.fromCharCode(this.#bytes[this.#at]) !== marker) return false;
		this.#at++;
		return true;
	}

	#number(type: string): number {
		switch (type) {
			case 'i':
				return this.#view.getInt8(this.#need(1));
			case 'U':
				return this.#view.getUint8(this.#need(1));
			case 'I':
				return this.#view.getInt16(this.#need(2));
			case 'l':
				return this.#view.getInt32(this.#need(4));
			case 'L':
				return Number(this.#view.getBigInt64(this.#need(8)));
			case 'd':
				return this.#view.getFloat32(this.#need(4));
			case 'D':
				return this.#view.getFloat64(this.#need(8));
			default:
				throw cut();
		}
	}

	/** Lengths are whole numbers that the rest of the file can hold; each element takes a byte or more. */
	#length(): number {
		const length = this.#number(this.#marker());
		if (!(Number.isInteger(length) && length >= 0 && length <= this.#bytes.length - this.#at)) throw cut();
		return length;
	}

	#string(): string {
		const length = this.#length();
		const from = this.#need(length);
		return text.decode(this.#bytes.subarray(from, from + length));
	}

	/** After an opening bracket: the type and count that may be declared. */
	#shape(): { type?: string; count?: number } {
		let type: string | undefined;
		if (this.#skips('$')) {
			type = this.#marker();
			if (!SIZED.includes(type)) throw cut();
		}
		if (!this.#skips('#')) {
			if (type) throw cut();
			return {};
		}
		return { type, count: this.#length() };
	}

	#array(): unknown[] {
		if (++this.#depth > MOST_DEPTH) throw cut();
		const { type, count } = this.#shape();
		const out: unknown[] = [];
		if (count !== undefined) for (let i = 0; i < count; i++) out.push(this.read(type));
		else while (!this.#skips(']')) out.push(this.read());
		this.#depth--;
		return out;
	}

	#object(): Record<string, unknown> {
		if (++this.#depth > MOST_DEPTH) throw cut();
		const { type, count } = this.#shape();
		const out = dictionary<unknown>();
		for (let i = 0; count === undefined || i < count; i++) {
			if (count === undefined && this.#skips('}')) break;
			const key = this.#string();
			out[key] = this.read(type);
		}
		this.#depth--;
		return out;
	}
}
