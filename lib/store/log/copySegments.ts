import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { diskFiles } from '../files.js';
import { FREE } from './owner.js';
import {
	firstMinutesFolder,
	KINDS,
	lockPath,
	minutesFolder,
	namesIn,
	openFiles,
	openFolder,
	openPath,
	sealedFiles,
	sealedFolder,
} from './places.js';

/** Copies the log's files to another store's folder, over what a copy left that was cut off. Open ones are nobody's there. */
export async function copySegments(from: string, to: string): Promise<void> {
	for (const kind of KINDS) {
		for (const folder of [openFolder, sealedFolder]) await rm(folder(to, kind), { recursive: true, force: true });
		const open = (await openFiles(from, kind)).filter(({ there }) => there);
		const sealed = await sealedFiles(from, kind);
		if (open.length > 0) await diskFiles.makeFolder(openFolder(to, kind));
		for (const { id } of open) {
			await diskFiles.write(lockPath(to, kind, id, FREE), new Uint8Array());
			await copied(openPath(from, kind, id), openPath(to, kind, id));
		}
		if (sealed.length > 0) await diskFiles.makeFolder(sealedFolder(to, kind));
		for (const { file } of sealed) await copied(join(from, file), join(to, file));
		for (const folder of [openFolder(to, kind), sealedFolder(to, kind)])
			if ((await namesIn(folder)).length > 0) await diskFiles.syncFolder(folder);
	}
	for (const folder of [minutesFolder, firstMinutesFolder]) {
		const minutes = await namesIn(folder(from));
		if (minutes.length > 0) await diskFiles.makeFolder(folder(to));
		for (const name of minutes) await copied(join(folder(from), name), join(folder(to), name));
	}
}

async function copied(from: string, to: string): Promise<void> {
	await copyFile(from, to);
	await diskFiles.syncFile(to);
}
