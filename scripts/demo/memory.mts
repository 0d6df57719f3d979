import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';

export interface Memory {
	samples: Array<{ at: number; bytes: number }>;
	/** Highest sum seen between two moments (default: ever). */
	peak(from?: number, to?: number): number | undefined;
	stop(): void;
}

/**
 * Watches the memory of a process and all its descendants together (Linux: proportional set size, so that shared pages count
 * once; where that cannot be read, resident size). Elsewhere than on Linux it watches nothing and `peak` is undefined.
 */
export function watchMemory(rootPid: number, everyMs = 250): Memory {
	const samples: Memory['samples'] = [];
	if (process.platform !== 'linux') return { samples, peak: () => undefined, stop: () => {} };
	const look = () => samples.push({ at: Date.now(), bytes: treeOf(rootPid).reduce((sum, pid) => sum + bytesOf(pid), 0) });
	const timer = setInterval(look, everyMs);
	look();
	return {
		samples,
		peak: (from = 0, to = Infinity) =>
			samples.filter((s) => s.at >= from && s.at <= to).reduce((most, s) => Math.max(most, s.bytes), 0) || undefined,
		stop: () => clearInterval(timer),
	};
}

function treeOf(rootPid: number): number[] {
	const children = new Map<number, number[]>();
	for (const name of fs.readdirSync('/proc')) {
		if (!/^\d+$/.test(name)) continue;
		try {
			const stat = fs.readFileSync(path.join('/proc', name, 'stat'), 'utf8');
			const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
			children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
		} catch {
			/* it ended meanwhile */
		}
	}
	const all = [rootPid];
	for (let i = 0; i < all.length; i++) all.push(...(children.get(all[i]) ?? []));
	return all;
}

function bytesOf(pid: number): number {
	try {
		const text = fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
		return Number(/^Pss:\s+(\d+)/m.exec(text)![1]) * 1024;
	} catch {
		/* no right to read it, or it ended */
	}
	try {
		return Number(fs.readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096;
	} catch {
		return 0;
	}
}
