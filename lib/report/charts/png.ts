import { promisify } from 'node:util';
import { crc32, deflate } from 'node:zlib';

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const deflated = promisify(deflate);

function chunk(type: string, data: Buffer): Buffer {
	const out = Buffer.alloc(data.length + 12);
	out.writeUInt32BE(data.length, 0);
	out.write(type, 4, 'latin1');
	data.copy(out, 8);
	out.writeUInt32BE(crc32(out.subarray(4, data.length + 8)), data.length + 8);
	return out;
}

/**
 * Opaque pixels (RGBA, row by row) as PNG, 8-bit RGB without filters (W3C PNG specification). The drawing library's own encoder runs
 * on the calling thread for tens of milliseconds; here the compression runs beside it.
 */
export async function encodePng(pixels: Uint8Array, width: number, height: number): Promise<Buffer> {
	const header = Buffer.alloc(13);
	header.writeUInt32BE(width, 0);
	header.writeUInt32BE(height, 4);
	header.set([8, 2, 0, 0, 0], 8);
	const raw = Buffer.alloc(height * (width * 3 + 1));
	for (let y = 0, from = 0, to = 0; y < height; y++) {
		to++;
		for (let x = 0; x < width; x++, from += 4, to += 3) {
			raw[to] = pixels[from];
			raw[to + 1] = pixels[from + 1];
			raw[to + 2] = pixels[from + 2];
		}
	}
	return Buffer.concat([
		SIGNATURE,
		chunk('IHDR', header),
		chunk('IDAT', await deflated(raw, { level: 6 })),
		chunk('IEND', Buffer.alloc(0)),
	]);
}
