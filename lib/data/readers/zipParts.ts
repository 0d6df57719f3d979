import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { crc32, createInflateRaw } from 'node:zlib';
import { MlopsError } from '../../domain/errors.js';
import { freeMegabytes, TABLE_MB } from './unpack.js';

const MEGABYTE = 1 << 20;
/** What stands for a size or a place that takes more than four bytes and so lies elsewhere. */
const ELSEWHERE = 0xffffffff;
const STORED = 0;
const DEFLATED = 8;

/** A part of a zip file, as the list at the file's end tells of it. */
interface Part {
	name: string;
	method: number;
	checksum: number;
	packed: number;
	size: number;
	/** Where it begins, with a header of its own. */
	at: number;
}

/**
 * Refuses a workbook (a zip file) whose parts say that they are larger than that when unpacked, and one with a part that is not what was
 * written: whoever reads it looks at no checksum. @throws `data.too_large`, `data.unreadable`
 */
export async function assertGoodWorkbook(path: string, label: string, maxMegabytes: number, check: () => void): Promise<void> {
	const file = await open(path, 'r');
	try {
		const { size } = await file.stat();
		const limit = (maxMegabytes || freeMegabytes(size)) * MEGABYTE;
		const read = readerOf(file, size);
		const parts = await partsOf(read, size);
		if (parts.reduce((sum, part) => sum + part.size, 0) > limit)
			throw new MlopsError(
				'data.too_large',
				`The workbook is larger than ${Math.round(limit / MEGABYTE).toLocaleString('en')} MB when unpacked, so it was not read.`,
				{ remedy: TABLE_MB },
			);
		for (const part of parts) {
			check();
			if (![STORED, DEFLATED].includes(part.method) || [part.packed, part.size, part.at].includes(ELSEWHERE)) continue;
			const head = await read(part.at, 30);
			if (head.length < 30) throw damaged(label, part);
			const from = part.at + 30 + head.readUInt16LE(26) + head.readUInt16LE(28);
			if (!(await isIntact(path, from, part))) throw damaged(label, part);
		}
	} finally {
		await file.close();
	}
}

type Read = (from: number, bytes: number) => Promise<Buffer>;

const readerOf =
	(file: FileHandle, size: number): Read =>
	async (from, bytes) => {
		const buffer = Buffer.alloc(Math.max(0, Math.min(bytes, size - from)));
		await file.read(buffer, 0, buffer.length, from);
		return buffer;
	};

/** The unpacked bytes of the parts of a sound workbook whose names are so. A part is to be read before the next one is asked for. */
export async function* partsLike(path: string, names: RegExp): AsyncGenerator<{ name: string; chunks: AsyncIterable<Buffer> }> {
	const file = await open(path, 'r');
	try {
		const { size } = await file.stat();
		const read = readerOf(file, size);
		for (const { name, method, packed, at } of await partsOf(read, size)) {
			if (!names.test(name) || ![STORED, DEFLATED].includes(method) || packed === 0 || [packed, at].includes(ELSEWHERE)) continue;
			const head = await read(at, 30);
			const start = at + 30 + head.readUInt16LE(26) + head.readUInt16LE(28);
			const source = createReadStream(path, { start, end: start + packed - 1 });
			yield { name, chunks: method === DEFLATED ? source.compose(createInflateRaw()) : source };
		}
	} finally {
		await file.close();
	}
}

/** The end of a zip file says where its list of parts begins. */
async function partsOf(read: Read, size: number): Promise<Part[]> {
	const tail = await read(Math.max(0, size - 65_557), 65_557);
	const end = tail.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
	if (end < 0 || end + 20 > tail.length) return [];
	const list = await read(tail.readUInt32LE(end + 16), Math.min(tail.readUInt32LE(end + 12), 16 * MEGABYTE));
	const parts: Part[] = [];
	for (let at = 0, n = list.length; at + 46 <= n && list.readUInt32LE(at) === 0x02014b50; ) {
		const named = list.readUInt16LE(at + 28);
		parts.push({
			name: list.toString('utf8', at + 46, at + 46 + named),
			method: list.readUInt16LE(at + 10),
			checksum: list.readUInt32LE(at + 16),
			packed: list.readUInt32LE(at + 20),
			size: list.readUInt32LE(at + 24),
			at: list.readUInt32LE(at + 42),
		});
		at += 46 + named + list.readUInt16LE(at + 30) + list.readUInt16LE(at + 32);
	}
	return parts;
}

async function isIntact(path: string, from: number, { method, checksum, packed, size }: Part): Promise<boolean> {
	let sum = 0;
	let bytes = 0;
	const count = async (source: AsyncIterable<Buffer>): Promise<void> => {
		for await (const chunk of source) {
			bytes += chunk.length;
			if (bytes > size) return;
			sum = crc32(chunk, sum);
		}
	};
	if (packed > 0) {
		const source = createReadStream(path, { start: from, end: from + packed - 1 });
		try {
			if (method === DEFLATED) await pipeline(source, createInflateRaw(), count);
			else await pipeline(source, count);
		} catch (thrown) {
			if (/^Z_|^ERR_STREAM_PREMATURE/.test((thrown as { code?: string }).code ?? '')) return false;
			throw thrown;
		}
	}
	return bytes === size && sum === checksum;
}

const damaged = (label: string, { name }: Part): MlopsError =>
	new MlopsError('data.unreadable', `${label} is damaged: its part "${name}" is not what was written.`, {
		remedy: 'Download it again, or open it in Excel or LibreOffice and save it anew.',
	});
