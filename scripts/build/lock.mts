import fs from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const alive = (pid: number): boolean => {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'EPERM';
	}
};

/**
 * Runs `work` while no other process holds the lock file; waits for it, and takes it over from a process that has died.
 * `waiting` is called once when there is somebody to wait for.
 */
export async function withLock<T>(file: string, work: () => Promise<T>, waiting: () => void = () => {}): Promise<T> {
	await fs.mkdir(path.dirname(file), { recursive: true });
	let told = false;
	for (;;) {
		try {
			await fs.writeFile(file, String(process.pid), { flag: 'wx' });
			break;
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
		}
		const holder = Number(await fs.readFile(file, 'utf8').catch(() => ''));
		const age =
			Date.now() -
			(await fs.stat(file).then(
				({ mtimeMs }) => mtimeMs,
				() => Date.now(),
			));
		if ((holder > 0 && !alive(holder)) || (holder === 0 && age > 5000)) {
			await fs.rm(file, { force: true });
			continue;
		}
		if (!told) waiting();
		told = true;
		await sleep(200);
	}
	try {
		return await work();
	} finally {
		await fs.rm(file, { force: true });
	}
}
