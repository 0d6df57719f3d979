/**
 * The part of protobuf's wire format (https://protobuf.dev/programming-guides/encoding) that writing ONNX needs: each function gives one
 * field as bytes, `message` joins fields. Numbers are never negative here. Repeated numbers are packed, which every reader takes.
 */
export type Field = Uint8Array;

const VARINT = 0;
const LENGTH_DELIMITED = 2;
const text = new TextEncoder();

export function message(fields: readonly Field[]): Uint8Array {
	const out = new Uint8Array(fields.reduce((n, f) => n + f.length, 0));
	let at = 0;
	for (const f of fields) {
		out.set(f, at);
		at += f.length;
	}
	return out;
}

export const integer = (id: number, value: number): Field => Uint8Array.from([...varint(id * 8 + VARINT), ...varint(value)]);
export const bytes = (id: number, value: Uint8Array): Field =>
	message([Uint8Array.from([...varint(id * 8 + LENGTH_DELIMITED), ...varint(value.length)]), value]);
export const string = (id: number, value: string): Field => bytes(id, text.encode(value));

export function integers(id: number, values: ArrayLike<number>): Field {
	let size = 0;
	for (let i = 0; i < values.length; i++) size += varintSize(values[i]);
	const out = new Uint8Array(size);
	let at = 0;
	for (let i = 0; i < values.length; i++) {
		let rest = values[i];
		for (; rest >= 128; rest = Math.floor(rest / 128)) out[at++] = (rest % 128) + 128;
		out[at++] = rest;
	}
	return bytes(id, out);
}

function varint(value: number): number[] {
	const out: number[] = [];
	let rest = value;
	for (; rest >= 128; rest = Math.floor(rest / 128)) out.push((rest % 128) + 128);
	out.push(rest);
	return out;
}

function varintSize(value: number): number {
	let size = 1;
	for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
	return size;
}
