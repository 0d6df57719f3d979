// How far the fetching of n8n is. npm itself says nothing until it is done.
import fs from 'node:fs/promises';
import path from 'node:path';

/** What a finished n8n 2.41.1 comes to: answers of the registry while npm works out the list of packages, and files of these packages. */
const EXPECTED = { answers: 1_800, files: 274_000 };
/** Share of the time that working out the list takes, as measured on two cores. */
const LIST_SHARE = 0.2;
/** Below this share nobody can tell from the pace how long it will take. */
const PACE_FROM = 0.05;

interface Fetched {
	/** Answers of the registry. */
	answers: number;
	/** Files that lie there. */
	files: number;
}

/** Share done (0 to 1, never quite 1) from what npm has asked so far and how many files lie there. */
export function shareDone({ answers, files }: Fetched): number {
	const listed = files > 0 ? 1 : Math.min(1, answers / EXPECTED.answers);
	return Math.min(0.99, LIST_SHARE * listed + (1 - LIST_SHARE) * Math.min(1, files / EXPECTED.files));
}

/** One line for people: what is done now, how much of all, and how long it will still take by the pace so far. */
export function progressLine({ seconds, answers, files }: Fetched & { seconds: number }): string {
	const share = shareDone({ answers, files });
	const stage =
		files === 0
			? `working out the list of packages (${answers.toLocaleString('en')} of about ${EXPECTED.answers.toLocaleString('en')} asked for)`
			: `unpacking (${files.toLocaleString('en')} of about ${EXPECTED.files.toLocaleString('en')} files)`;
	const left = share < PACE_FROM ? '' : `, about ${spoken((seconds * (1 - share)) / share)} left`;
	return `  n8n: ${Math.floor(share * 100)} %, ${stage}${left}`;
}

/** `40 s`, `3 min`: no finer than a guess is. */
function spoken(seconds: number): string {
	if (seconds < 90) return `${Math.max(10, Math.round(seconds / 10) * 10)} s`;
	return `${Math.round(seconds / 60)} min`;
}

/** Files below a folder, without asking the disk about each: only folders are read. Folders that come and go meanwhile are passed over. */
export async function countFiles(folder: string): Promise<number> {
	let count = 0;
	const open = [folder];
	while (open.length > 0) {
		const at = open.pop()!;
		for (const entry of await fs.readdir(at, { withFileTypes: true }).catch(() => [])) {
			if (entry.isDirectory()) open.push(path.join(at, entry.name));
			else count++;
		}
	}
	return count;
}
