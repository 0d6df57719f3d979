import { dictionary } from '../../../domain/dictionary.js';
import { refuse } from './shared.js';

/** Types whose elements take room in the file: a short file of the others could ask for any number of them. */
const SIZED = 'iUIlLdDSC[{';

/**
 * Decodes UBJSON (draft 12) as XGBoost writes it: objects, arrays (also typed and counted), strings, numbers, booleans, null. @throws
 * `learn.model_invalid`
 */
export function decodeUbjson(bytes: Uint8Array): unknown {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const text = new TextDecoder();
	let at = 0;
	let depth = 0;
	const cut = () => refuse('XGBoost', 'the file is cut off or damaged');
	const need = (n: number): number => {
		if (n < 0 || at + n > bytes.length) throw cut();
		at += n;
		return at - n;
	};
	const marker = () => String.fromCharCode(bytes[need(1)]);
	const readNumber = (type: string): number => {
		switch (type) {
			case 'i':
				return view.getInt8(need(1));
			case 'U':
				return view.getUint8(need(1));
			case 'I':
				return view.getInt16(need(2));
			case 'l':
				return view.getInt32(need(4));
			case 'L':
				return Number(view.getBigInt64(need(8)));
			case 'd':
				return view.getFloat32(need(4));
			case 'D':
				return view.getFloat64(need(8));
			default:
				throw cut();
		}
	};
	/** Lengths are whole numbers that the rest of the file can hold; each element takes a byte or more. */
	const readLength = (): number => {
		const length = readNumber(marker());
		if (!(Number.isInteger(length) && length >= 0 && length <= bytes.length - at)) throw cut();
		return length;
	};
	const readString = (): string => {
		const length = readLength();
		const from = need(length);
		return text.decode(bytes.subarray(from, from + length));
	};
	const read = (type: string): unknown => {
		switch (type) {
			case 'Z':
				return null;
			case 'T':
				return true;
			case 'F':
				return false;
			case 'S':
				return readString();
			case 'C':
				return marker();
			case '[':
				return readArray();
			case '{':
				return readObject();
			default:
				return readNumber(type);
		}
	};
	/** After an opening bracket: the type and count that may be declared. */
	const shape = (): { type?: string; count?: number } => {
		let type: string | undefined;
		if (String.fromCharCode(bytes[at]) === '$') {
			at++;
			type = marker();
			if (!SIZED.includes(type)) throw cut();
		}
		if (String.fromCharCode(bytes[at]) !== '#') {
			if (type) throw cut();
			return {};
		}
		at++;
		return { type, count: readLength() };
	};
	const readArray = (): unknown[] => {
		if (++depth > 64) throw cut();
		const { type, count } = shape();
		const out: unknown[] = [];
		if (count !== undefined) for (let i = 0; i < count; i++) out.push(read(type ?? marker()));
		else for (let m = marker(); m !== ']'; m = marker()) out.push(read(m));
		depth--;
		return out;
	};
	const readObject = (): Record<string, unknown> => {
		if (++depth > 64) throw cut();
		const { type, count } = shape();
		const out = dictionary<unknown>();
		for (let i = 0; count === undefined || i < count; i++) {
			if (count === undefined && String.fromCharCode(bytes[at]) === '}') {
				at++;
				break;
			}
			const key = readString();
			out[key] = read(type ?? marker());
		}
		depth--;
		return out;
	};
	return read(marker());
}
