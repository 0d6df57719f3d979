import { open } from 'node:fs/promises';

/** The first bytes of a file. */
export async function readHead(path: string, bytes: number): Promise<Buffer> {
	const file = await open(path, 'r');
	try {
		const buffer = Buffer.alloc(bytes);
		let at = 0;
		for (;;) {
			const { bytesRead } = await file.read(buffer, at, bytes - at, at);
			if (bytesRead === 0) break;
			at += bytesRead;
			if (at === bytes) break;
		}
		return buffer.subarray(0, at);
	} finally {
		await file.close();
	}
}
