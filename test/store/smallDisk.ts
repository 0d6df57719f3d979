import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A disk of its own that is soon full. */
export interface SmallDisk {
	path: string;
	/** Takes all room but so many bytes. */
	fill(leave?: number): void;
	/** Gives the room back. */
	free(): void;
	remove(): void;
}

function mount(megabytes: number): string {
	const path = mkdtempSync(join(tmpdir(), 'mlops-small-'));
	try {
		execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', path], { stdio: 'ignore' });
		return path;
	} catch (error) {
		rmSync(path, { recursive: true });
		throw error;
	}
}

const unmount = (path: string): void => {
	execFileSync('umount', ['-l', path], { stdio: 'ignore' });
	rmSync(path, { recursive: true });
};

/** Why no small disk can be made here, or undefined. */
export function noSmallDisk(): string | undefined {
	try {
		unmount(mount(1));
		return undefined;
	} catch {
		return 'only root on Linux can mount one';
	}
}

export function smallDisk(megabytes: number): SmallDisk {
	const path = mount(megabytes);
	const filler = join(path, 'filler');
	return {
		path,
		fill(leave = 0) {
			const { bavail, bsize } = statfsSync(path);
			writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - leave)));
		},
		free: () => rmSync(filler, { force: true }),
		remove: () => unmount(path),
	};
}
