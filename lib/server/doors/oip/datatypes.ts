import { isUtf8 } from 'node:buffer';
import { isLongWhole } from '../../../domain/json.js';

/** A type of tensor elements of the Open Inference Protocol. */
export interface Datatype {
	/** Bytes of an element in binary data; absent: as many as it says itself. */
	size?: number;
	/** What a value is in JSON, for sentences. */
	expected: string;
	/** Whether a JSON value is one; null, which is "missing", is asked elsewhere. */
	fits(value: unknown): boolean;
	/** An element of binary data; undefined where these bytes are none. */
	read(view: DataView, at: number): number | boolean | string | undefined;
}

const integer = (bits: number, signed: boolean, read: Datatype['read']): Datatype => {
	const top = 2n ** BigInt(signed ? bits - 1 : bits) - 1n;
	const bottom = signed ? -top - 1n : 0n;
	return {
		size: bits / 8,
		expected: `a whole number from ${bottom} to ${top}`,
		fits: (value) =>
			Number.isSafeInteger(value)
				? (value as number) >= Number(bottom) && (value as number) <= Number(top)
				: isLong(value) && BigInt(value) >= bottom && BigInt(value) <= top,
		read,
	};
};

/** A number in JSON that comes as the text of its digits, so that none is lost (`parseJson`). */
const isLong = (value: unknown): value is string => typeof value === 'string' && isLongWhole(value);

const float = (bits: number, read: Datatype['read']): Datatype => ({
	size: bits / 8,
	expected: 'a number',
	fits: (value) => typeof value === 'number' || isLong(value),
	read,
});

/** A number where it is exact, else its digits: columns of text (ids) must not lose the last ones. */
const exact = (value: bigint): number | string => (Number.isSafeInteger(Number(value)) ? Number(value) : String(value));

export const DATATYPES: ReadonlyMap<string, Datatype> = new Map([
	[
		'BOOL',
		{
			size: 1,
			expected: 'true or false',
			fits: (value) => typeof value === 'boolean',
			read: (view, at) => [false, true][view.getUint8(at)],
		},
	],
	['INT8', integer(8, true, (view, at) => view.getInt8(at))],
	['INT16', integer(16, true, (view, at) => view.getInt16(at, true))],
	['INT32', integer(32, true, (view, at) => view.getInt32(at, true))],
	['INT64', integer(64, true, (view, at) => exact(view.getBigInt64(at, true)))],
	['UINT8', integer(8, false, (view, at) => view.getUint8(at))],
	['UINT16', integer(16, false, (view, at) => view.getUint16(at, true))],
	['UINT32', integer(32, false, (view, at) => view.getUint32(at, true))],
	['UINT64', integer(64, false, (view, at) => exact(view.getBigUint64(at, true)))],
	['FP16', float(16, (view, at) => half(view.getUint16(at, true)))],
	['BF16', float(16, (view, at) => brain(view.getUint16(at, true)))],
	['FP32', float(32, (view, at) => view.getFloat32(at, true))],
	['FP64', float(64, (view, at) => view.getFloat64(at, true))],
	['BYTES', { expected: 'text', fits: (value) => typeof value === 'string', read: () => undefined }],
]);

/** IEEE 754 binary16. */
function half(bits: number): number {
	const sign = bits & 0x8000 ? -1 : 1;
	const exponent = (bits >> 10) & 0x1f;
	const fraction = bits & 0x3ff;
	if (exponent === 0x1f) return fraction ? NaN : sign * Infinity;
	return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -14 * (fraction / 1024));
}

const scratch = new DataView(new ArrayBuffer(4));

/** The upper half of a binary32. */
function brain(bits: number): number {
	scratch.setUint32(0, bits << 16);
	return scratch.getFloat32(0);
}

/** Why elements cannot be read: which one (from 0), and what is wrong. */
export interface Unreadable {
	at: number;
	problem: string;
}

/** The elements of BYTES: each its length in four bytes, then the bytes. Reads no further than `count` and never beyond the end. */
export function readTexts(bytes: Buffer, count: number): string[] | Unreadable {
	const texts: string[] = [];
	let at = 0;
	while (at < bytes.length) {
		if (texts.length === count) return { at: count, problem: `there are more than the ${count} elements that the shape says` };
		const from = at + 4;
		const end = from <= bytes.length ? from + bytes.readUInt32LE(at) : Infinity;
		if (end > bytes.length) return { at: texts.length, problem: 'it is longer than what came' };
		const text = bytes.subarray(from, end);
		if (!isUtf8(text)) return { at: texts.length, problem: 'it is no text in UTF-8' };
		texts.push(text.toString('utf8'));
		at = end;
	}
	return texts.length === count ? texts : { at: texts.length, problem: `it is missing, since the shape says ${count} elements` };
}

/** The elements of any other type. */
export function readElements(bytes: Buffer, { size = 1, read, expected }: Datatype): Array<number | boolean | string> | Unreadable {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const values: Array<number | boolean | string> = [];
	for (let at = 0; at + size <= bytes.length; at += size) {
		const value = read(view, at);
		if (value === undefined) return { at: at / size, problem: `it should be ${expected}` };
		values.push(value);
	}
	return values;
}

/** Elements of an answer as binary data. */
export function writeElements(datatype: string, values: ReadonlyArray<string | number | boolean>): Buffer {
	if (datatype === 'BYTES')
		return Buffer.concat(
			values.flatMap((value) => {
				const text = Buffer.from(String(value), 'utf8');
				const length = Buffer.alloc(4);
				length.writeUInt32LE(text.length);
				return [length, text];
			}),
		);
	if (datatype === 'BOOL') return Buffer.from(values.map(Number));
	const bytes = Buffer.alloc(values.length * 8);
	for (const [i, value] of values.entries()) {
		if (datatype === 'INT64') bytes.writeBigInt64LE(BigInt(value), i * 8);
		else bytes.writeDoubleLE(Number(value), i * 8);
	}
	return bytes;
}
