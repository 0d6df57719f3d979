import { open, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { tried, type Check, type Finding } from './contract.js';

const GIGABYTE = 1e9;
const LITTLE = 2 * GIGABYTE;
const TOO_LITTLE = 0.2 * GIGABYTE;
/** What is written to measure: enough to leave the caches of small disks. */
const PIECE = 8 * 2 ** 20;
const PIECES = 8;
const SLOW = 20;
/** Kinds of file systems (Linux) over which SQLite's locks and syncs are not to be trusted. */
const REMOTE = new Map([
	[0x6969, 'NFS'],
	[0x517b, 'SMB'],
	[0xff534d42, 'CIFS'],
	[0xfe534d42, 'SMB2'],
	[0x01021997, '9P'],
]);

/** Room and speed of the folder that holds the store, or will hold it. */
export const disk: Check = async (desk) => {
	const ref = desk.ref();
	const folder = await existing(ref.kind === 'folder' ? ref.home : ref.artifacts);
	const { bavail, bsize, type } = await statfs(folder);
	const free = bavail * bsize;
	const room = `${(free / GIGABYTE).toFixed(1)} GB free at ${folder}`;
	const found: Finding[] = [
		free < TOO_LITTLE
			? { about: 'Disk space', state: 'broken', text: room, remedy: 'Free some space: nothing can be kept on a full disk.' }
			: free < LITTLE
				? { about: 'Disk space', state: 'warning', text: room, remedy: 'Free some space: datasets and models are kept for good.' }
				: { about: 'Disk space', state: 'ok', text: room },
	];
	const remote = process.platform === 'linux' ? REMOTE.get(type) : undefined;
	// Only a store in a folder has its database there.
	if (remote && ref.kind === 'folder')
		found.push({
			about: 'File system',
			state: 'warning',
			text: `${folder} is on ${remote}, where several processes cannot lock a database safely`,
			remedy: 'Move the store to a local disk, and set MLOPS_HOME.',
		});
	found.push(
		await tried('Write speed', async () => `${(await writeSpeed(folder)).toFixed(0)} MB/s, synced`, {
			state: 'broken',
			remedy: `Let the user of n8n write to ${folder}.`,
		}),
	);
	return found.map((finding) => (finding.about === 'Write speed' ? judged(finding) : finding));
};

/** The nearest folder above that is there. */
async function existing(path: string): Promise<string> {
	for (let at = path; ; at = dirname(at)) {
		const there = await stat(at).then(
			(found) => found.isDirectory(),
			() => false,
		);
		if (there || dirname(at) === at) return at;
	}
}

async function writeSpeed(folder: string): Promise<number> {
	const path = join(folder, `.mlops-doctor-${randomUUID()}`);
	const bytes = Buffer.alloc(PIECE, 'mlops');
	const started = performance.now();
	try {
		const file = await open(path, 'wx', 0o600);
		try {
			for (let piece = 0; piece < PIECES; piece++) await file.write(bytes);
			await file.sync();
		} finally {
			await file.close();
		}
		return (PIECE * PIECES) / 1e6 / ((performance.now() - started) / 1000);
	} finally {
		await rm(path, { force: true });
	}
}

function judged(finding: Finding): Finding {
	if (finding.state !== 'ok' || Number.parseFloat(finding.text) >= SLOW) return finding;
	return { ...finding, state: 'warning', remedy: 'Put the store on a faster disk: training and reports write there.' };
}
