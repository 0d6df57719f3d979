import JSZip from 'jszip';
import type { ExportFile } from './contract.js';

/** The first moment that the format knows: the time at which a model is written is no part of it. */
const NO_TIME = new Date(Date.UTC(1980, 0, 1));

/** Files as one ZIP file; the same files give the same bytes. */
export async function zipped(files: readonly ExportFile[]): Promise<Uint8Array> {
	const zip = new JSZip();
	for (const { name, bytes } of files) zip.file(name, bytes, { date: NO_TIME, createFolders: false });
	return await zip.generateAsync({ type: 'uint8array', compression: 'DEFLATE', platform: 'UNIX' });
}
