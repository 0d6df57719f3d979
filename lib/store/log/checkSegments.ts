import { join } from 'node:path';
import { MlopsError } from '../../domain/errors.js';
import type { AuditEvent, StatedException } from '../contract.js';
import { digestFile } from '../files.js';
import { LOG_REMOVED, LOG_SEALED } from './journal.js';
import { KINDS, openFiles, sealedFiles } from './places.js';

/** Sealed segments that the audit chain speaks of, by their files. */
export type SaidSegments = Map<string, string>;

/** Takes in what an event says of segments. */
export function noteSegments(said: SaidSegments, { action, subject, details }: Pick<AuditEvent, 'action' | 'subject' | 'details'>): void {
	if (action === LOG_SEALED) said.set(subject, String(details['sha256']));
	else if (action === LOG_REMOVED) for (const file of details['files'] as string[]) said.delete(file);
}

/**
 * Each sealed segment that the chain speaks of, and that was not removed by an event, must be there, byte for byte. `removed` are those
 * that were removed since the chain was read. A sealed file of which it does not speak is an exception, unless it is only just being
 * sealed.
 * @throws `store.corrupt`
 */
export async function checkSegments(
	home: string,
	said: SaidSegments,
	removed: () => Promise<ReadonlySet<string>>,
	exceptions: StatedException[],
): Promise<void> {
	const corrupt = (what: string): MlopsError =>
		new MlopsError('store.corrupt', what, { remedy: "Restore the store's folder from a backup, and find out who changed it." });
	let gone: ReadonlySet<string> | undefined;
	for (const [file, sha256] of said) {
		const found = await digestFile(join(home, file));
		if (found && found.digest !== sha256) throw corrupt(`The segment ${file} of the log was altered.`);
		if (!found && !(gone ??= await removed()).has(file)) throw corrupt(`The segment ${file} of the log is missing.`);
	}
	for (const kind of KINDS) {
		const open = new Set((await openFiles(home, kind)).map(({ id }) => id));
		const strange = (await sealedFiles(home, kind)).filter(({ file, id }) => !said.has(file) && !open.has(id));
		if (strange.length === 0) continue;
		const now = gone ?? (await removed());
		const unnamed = strange.filter(({ file }) => !now.has(file));
		if (unnamed.length > 0)
			exceptions.push({
				about: 'log',
				text:
					`${unnamed.length} sealed ${unnamed.length === 1 ? 'segment' : 'segments'} of the log (for example ${unnamed[0].file}) ` +
					`${unnamed.length === 1 ? 'is' : 'are'} named by no event, so it cannot be told whether they are as they were written.`,
			});
	}
}
