// A process that works in a store's folder for temporary files until it is killed.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createArtifacts } from '../../lib/store/artifacts/folder.js';
import { diskFiles } from '../../lib/store/files.js';

void (async () => {
	const artifacts = await createArtifacts(process.argv[2]!, diskFiles);
	const file = await artifacts.temporary('parquet');
	await writeFile(file, 'half');
	await artifacts.withFolder(async (name) => {
		const folder = await artifacts.handedOver(name);
		await writeFile(join(folder, '0.csv'), 'half');
		process.stdout.write(`${JSON.stringify([file, folder])}\n`);
		await new Promise((resolve) => {
			process.stdin.once('end', resolve).resume();
		});
	});
})();
