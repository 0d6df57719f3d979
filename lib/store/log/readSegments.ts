import { join } from 'node:path';
import { ID_MARGIN_MS, timeOfId } from '../../domain/answerId.js';
import { MlopsError } from '../../domain/errors.js';
import { isOutOfMemory } from '../../domain/outOfMemory.js';
import { readError } from '../files.js';
import { relationOver } from './columns.js';
import type { LineRange, LogKind, SealedFile, SegmentLog } from './contract.js';
import { makeMinutes, minutesOver } from './minutes.js';
import { firstMinuteFiles, minuteFiles, openFiles, openPath, sealedFiles, sizeOf } from './places.js';
import type { Sealer } from './sealSegment.js';

/** The files that hold the lines of a time, sealed ones and open ones that are not sealed yet. */
export async function filesFor(
	home: string,
	kind: LogKind,
	range: LineRange,
): Promise<{ sealed: SealedFile[]; open: Array<{ id: string; path: string }> }> {
	// In this order: what is sealed in between is met twice, and then the sealed one counts.
	const open = await openFiles(home, kind);
	const sealed = await sealedFiles(home, kind);
	const ids = new Set(sealed.map(({ id }) => id));
	const lines: Array<{ id: string; path: string }> = [];
	for (const { id, there } of open) {
		const path = openPath(home, kind, id);
		if (there && !ids.has(id) && (await sizeOf(path)) > 0) lines.push({ id, path });
	}
	return { sealed: sealed.filter(within(range)), open: lines };
}

/** Asking the log: lines, and minutes that are made of them. */
export function createReading(sealer: Sealer): Pick<SegmentLog, 'relation' | 'minutes' | 'query'> {
	const { home, duck } = sealer;
	const relation: SegmentLog['relation'] = async (kind, range = {}) => {
		const { sealed, open } = await filesFor(home, kind, range);
		return relationOver(
			kind,
			sealed.map(({ file }) => join(home, file)),
			open.map(({ path }) => path),
		);
	};

	const minutes: SegmentLog['minutes'] = async (range = {}) => {
		const { sealed, open } = await filesFor(home, 'answers', range);
		const made = new Set((await minuteFiles(home)).map(({ id }) => id));
		for (const file of sealed) if (!made.has(file.id)) await makeMinutes(sealer, file);
		// What was sealed just now is among the open ones.
		const live = new Set(open.map(({ id }) => id));
		const wanted = (file: SealedFile): boolean => within(range)(file) && !live.has(file.id);
		const minutes = await minuteFiles(home);
		const again = new Set(minutes.map(({ id }) => id));
		const paths = (files: readonly SealedFile[]): string[] => files.filter(wanted).map(({ file }) => join(home, file));
		return minutesOver({
			minutes: paths(minutes),
			first: paths((await firstMinuteFiles(home)).filter(({ id }) => !again.has(id))),
			open: open.map(({ path }) => path),
		});
	};
	const over = async (kind: LogKind | 'minutes', range?: LineRange): Promise<string> =>
		kind === 'minutes' ? await minutes(range) : await relation(kind, range);

	return {
		relation,
		minutes,
		async query(statement, kind, range) {
			const asked = statement(await over(kind, range));
			try {
				return await duck.run([asked]);
			} catch (error) {
				// A segment may have been removed for its age since the list was made.
				const again = statement(await over(kind, range));
				if (again !== asked) return await duck.run([again]);
				if (isOutOfMemory(error))
					throw new MlopsError('compute.out_of_memory', 'What was asked of the MLOps log takes more memory than the log may use.', {
						cause: error,
						remedy: 'Ask for a shorter time, or for one model.',
					});
				const refused = readError(error);
				if (refused instanceof MlopsError) throw refused;
				throw new MlopsError('store.corrupt', `The MLOps log cannot be read (${(error as Error).message.split('\n')[0]}).`, {
					cause: error,
					remedy: 'Run "mlops verify", which names a segment that was altered, and restore that from a backup.',
				});
			}
		},
	};
}

/** Whether a sealed file may hold what is asked for. */
function within({ since, until, ids }: LineRange): (file: SealedFile) => boolean {
	const iso = (at: string | undefined): string | undefined => (at === undefined ? undefined : new Date(at).toISOString());
	const [from, to] = [iso(since), iso(until)];
	const times = ids?.map(timeOfId);
	const spans = times?.every((t) => t !== undefined) ? (times as number[]) : undefined;
	return (file) =>
		(from === undefined || file.to >= from) &&
		(to === undefined || file.from < to) &&
		(spans?.some((t) => t >= Date.parse(file.from) - ID_MARGIN_MS && t <= Date.parse(file.to) + ID_MARGIN_MS) ?? true);
}
