import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MARK, processMark, stateOf } from '../compute/processMark.js';

const OURS = new RegExp(`^mlops-spill-(${MARK})-[0-9a-f]{12}$`);
/** Of a process that cannot be told from here whether it still runs. */
const STALE_MS = 24 * 3600 * 1000;
const swept = new Set<string>();

/**
 * A place of its own for what a session of DuckDB spills: sessions that share a folder, in one process or in several, write over each
 * other's files, whose names are all the same. DuckDB makes it when it needs it.
 * @param within an existing folder; what killed processes left there goes
 */
export async function spillFolder(within: string): Promise<{ path: string; remove(): void }> {
	if (!swept.has(within)) {
		swept.add(within);
		await sweep(within);
	}
	const path = join(within, `mlops-spill-${processMark()}-${randomBytes(6).toString('hex')}`);
	return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

async function sweep(within: string): Promise<void> {
	for (const name of await readdir(within).catch(() => [] as string[])) {
		const [, mark] = OURS.exec(name) ?? [];
		if (mark === undefined) continue;
		const path = join(within, name);
		const state = await stateOf(mark);
		const old =
			state === 'unknown' &&
			(await stat(path).then(
				(found) => found.mtimeMs < Date.now() - STALE_MS,
				() => false,
			));
		// Where it is another user's it stays.
		if (state === 'gone' || old) await rm(path, { recursive: true, force: true }).catch(() => {});
	}
}
