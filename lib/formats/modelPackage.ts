import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { endianness } from 'node:os';
import { z } from 'zod/v4';
import { dictionary, dictionaryOf } from '../domain/dictionary.js';
import { MlopsError } from '../domain/errors.js';
import { canonicalJson } from '../domain/json.js';
import { modelManifest, type ModelManifest } from '../domain/model.js';
import type { State, Typed } from './state.js';
import { cutText } from '../domain/text.js';

/**
 * The model package: one file that holds all that prediction needs. Layout, all numbers little-endian:
 *
 *     0   8  "MLOPSMDL"
 *     8   4  version of this layout: that of the manifest, 1 to 6; the bytes after it are laid out alike
 *    12   4  length of the JSON header in bytes
 *    16   8  length of the whole file
 *    24   n  canonical JSON: { arrays: [{ name, type, offset, length }], manifest, state: { format, version, meta } }
 *     .   .  zeros up to a multiple of 64
 *     .   m  the arrays, by name, each at a multiple of 64 (`offset` counts from the file's start, `length` in elements)
 *    end 32  SHA-256 of all bytes before
 *
 * The same manifest and state give the same bytes, so the file's own digest is the model's identity.
 */
const MAGIC = 'MLOPSMDL';
/**
 * The newest layout. Version 1 of this package looks at this number alone: a later layout makes it say that the file is of a newer version,
 * where an unknown manifest would only be called unreadable. So each new `manifest.v` is a new layout.
 */
const LAYOUT = 6;
const PREFIX = 24;
const DIGEST = 32;
const ALIGN = 64;
/** A header longer than this was not written by us (5,000 columns with 10,000 levels each stay below). */
const MAX_HEADER = 2 ** 30;

const TYPES = {
	f32: Float32Array,
	f64: Float64Array,
	i8: Int8Array,
	u8: Uint8Array,
	i16: Int16Array,
	u16: Uint16Array,
	i32: Int32Array,
	u32: Uint32Array,
} as const;
type TypeName = keyof typeof TYPES;

const headerSchema = z.object({
	arrays: z.array(
		z.object({
			name: z.string(),
			type: z.enum(Object.keys(TYPES) as [TypeName, ...TypeName[]]),
			offset: z.number().int().nonnegative(),
			length: z.number().int().nonnegative(),
		}),
	),
	manifest: modelManifest,
	state: z.object({ format: z.string(), version: z.number().int(), meta: dictionaryOf(z.unknown()) }),
});

const align = (n: number): number => Math.ceil(n / ALIGN) * ALIGN;
const invalid = (found: string): MlopsError =>
	new MlopsError('learn.model_invalid', 'This file is not a readable model package.', {
		found,
		remedy: 'Train the model again, or take the file from the store once more: it was cut, altered or is something else.',
	});

function typeOf(array: Typed): TypeName {
	const entry = (Object.keys(TYPES) as TypeName[]).find((t) => array instanceof TYPES[t]);
	if (!entry) throw new TypeError('A model array must be a typed array of at most 64-bit floats or 32-bit integers');
	return entry;
}

/** Bytes in the file's order; swaps in place on the rare big-endian machine. */
function swapOnBigEndian(bytes: Uint8Array<ArrayBuffer>, size: number): Uint8Array<ArrayBuffer> {
	if (endianness() === 'LE' || size === 1) return bytes;
	for (let i = 0; i < bytes.length; i += size) bytes.subarray(i, i + size).reverse();
	return bytes;
}

/** Writes a package. @returns the whole file; its SHA-256 is what gates and approvals are bound to */
export function writePackage(manifest: ModelManifest, state: State): Uint8Array {
	const names = Object.keys(state.arrays).sort();
	// Offsets depend on the header's length and the header holds the offsets: start with a guess and widen until they agree.
	let headerLength = 0;
	for (let start = ALIGN; ; ) {
		let offset = start;
		const arrays = names.map((name) => {
			const array = state.arrays[name];
			const entry = { name, type: typeOf(array), offset, length: array.length };
			offset = align(offset + array.byteLength);
			return entry;
		});
		const header = Buffer.from(
			canonicalJson({ arrays, manifest, state: { format: state.format, version: state.version, meta: state.meta } }),
		);
		headerLength = header.length;
		if (align(PREFIX + headerLength) !== start) {
			start = Math.max(start + ALIGN, align(PREFIX + headerLength));
			continue;
		}
		const bytes = new Uint8Array(offset + DIGEST);
		const view = new DataView(bytes.buffer);
		bytes.set(Buffer.from(MAGIC, 'latin1'), 0);
		view.setUint32(8, manifest.v, true);
		view.setUint32(12, headerLength, true);
		view.setBigUint64(16, BigInt(bytes.length), true);
		bytes.set(header, PREFIX);
		for (const entry of arrays) {
			const array = state.arrays[entry.name];
			const copy = new Uint8Array(array.buffer, array.byteOffset, array.byteLength).slice();
			bytes.set(swapOnBigEndian(copy, array.BYTES_PER_ELEMENT), entry.offset);
		}
		bytes.set(createHash('sha256').update(bytes.subarray(0, offset)).digest(), offset);
		return bytes;
	}
}

function parseHeader(bytes: Uint8Array): z.infer<typeof headerSchema> {
	try {
		return headerSchema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
	} catch (cause) {
		throw new MlopsError('learn.model_invalid', 'The description inside this model package cannot be read.', {
			cause,
			found: cause instanceof z.ZodError ? cutText(z.prettifyError(cause), 300) : 'no JSON',
			remedy: 'Train the model again with this version.',
		});
	}
}

async function readExactly(file: FileHandle, length: number, position: number): Promise<Buffer> {
	const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
	if (bytesRead < length) throw invalid('an end too early');
	return buffer;
}

/**
 * The manifest of a package alone, for what only tells: the arrays, which may be hundreds of megabytes, are not read, so its digest is not
 * checked. What answers or judges uses `readPackage`.
 * @throws `learn.model_invalid`
 */
export async function readManifest(path: string): Promise<ModelManifest> {
	const file = await open(path);
	try {
		const prefix = await readExactly(file, PREFIX, 0);
		if (prefix.toString('latin1', 0, 8) !== MAGIC) throw invalid('another kind of file');
		const length = prefix.readUInt32LE(12);
		const { size } = await file.stat();
		if (length > MAX_HEADER || PREFIX + length > size) throw invalid('a header that does not fit');
		return parseHeader(await readExactly(file, length, PREFIX)).manifest;
	} finally {
		await file.close();
	}
}

/**
 * Reads and checks a package; nothing is allocated on the word of the file alone. The arrays are copies of their own.
 * @throws `learn.model_invalid` for something else, cut or inconsistent, `store.digest_mismatch` for altered bytes, `store.version_newer`
 * for a later layout
 */
export function readPackage(bytes: Uint8Array): { manifest: ModelManifest; state: State } {
	if (bytes.length < PREFIX + DIGEST) throw invalid(`${bytes.length} bytes`);
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	if (Buffer.from(bytes.subarray(0, 8)).toString('latin1') !== MAGIC) throw invalid('another kind of file');
	const length = view.getBigUint64(16, true);
	if (length !== BigInt(bytes.length)) throw invalid(`${bytes.length} bytes where ${length} were written`);
	const end = bytes.length - DIGEST;
	const digest = createHash('sha256').update(bytes.subarray(0, end)).digest();
	if (!digest.equals(bytes.subarray(end))) {
		throw new MlopsError('store.digest_mismatch', 'This model package was altered after it was written.', {
			expected: `SHA-256 ${Buffer.from(bytes.subarray(end)).toString('hex')}`,
			found: digest.toString('hex'),
			remedy: 'Do not use it. Take the file from the store once more, or train the model again.',
		});
	}
	const layout = view.getUint32(8, true);
	if (layout > LAYOUT) {
		throw new MlopsError('store.version_newer', 'This model package was written by a newer version of this package.', {
			expected: `layout ${LAYOUT}`,
			found: `layout ${layout}`,
			remedy: 'Update n8n-nodes-mlops on this machine.',
		});
	}
	const headerLength = view.getUint32(12, true);
	if (layout < 1 || headerLength > MAX_HEADER || PREFIX + headerLength > end) throw invalid('a header that does not fit');
	const header = parseHeader(bytes.subarray(PREFIX, PREFIX + headerLength));
	if (header.manifest.v !== layout) throw invalid(`layout ${layout} around a manifest of version ${header.manifest.v}`);
	const arrays = dictionary<Typed>();
	let next = align(PREFIX + headerLength);
	for (const { name, type, offset, length: count } of header.arrays) {
		const size = TYPES[type].BYTES_PER_ELEMENT;
		if (offset !== next || offset + count * size > end || Object.hasOwn(arrays, name)) throw invalid(`array "${name}" does not fit`);
		const copy = swapOnBigEndian(new Uint8Array(bytes.subarray(offset, offset + count * size)), size);
		arrays[name] = new TYPES[type](copy.buffer, copy.byteOffset, count);
		next = align(offset + count * size);
	}
	if (next !== end) throw invalid('bytes that belong to nothing');
	return { manifest: header.manifest, state: { ...header.state, arrays: { ...arrays } } };
}
