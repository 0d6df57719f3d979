import { temporariesOf, type Files } from '../files.js';
import type { Journal, LogKind, Retention, SegmentLog, SegmentWriter } from './contract.js';
import { createDuckThread, type DuckThread } from './duckThread.js';
import { sealedFiles } from './places.js';
import { createReading, filesFor } from './readSegments.js';
import type { Sealer } from './sealSegment.js';
import { createUpkeep, remove, warn } from './upkeep.js';
import { createWriter, type Limits } from './writer.js';

/** An open file stays so long beside its sealed twin, for readers that were told of it before. */
const GRACE_MS = 5 * 60_000;

const LIMITS: Limits = { bytes: 64 << 20, ms: 3_600_000 };

export interface LogPlace {
	home: string;
	files: Files;
	journal: Journal;
	retention?: Retention;
	limits?: Limits;
	graceMs?: number;
	/** Looked at before a file is begun: whether the store's folder is there, of which no part is made anew. */
	assertHome?: (home: string) => Promise<void>;
	/** Looked at before anything is written or tidied up: whether the store can be read alone. @throws `store.unwritable` */
	refuse?: () => Promise<void>;
	/** Where DuckDB runs; one of its own where absent. */
	duck?: DuckThread;
}

/** The log in a folder of the store. Nothing is made or read before the first line, or the first question. */
export function createSegmentLog(place: LogPlace): SegmentLog {
	const { home, files, journal, retention: usual = {}, limits = LIMITS, graceMs = GRACE_MS, assertHome, refuse, duck: given } = place;
	const duck = given ?? createDuckThread(temporariesOf(home));
	const sealer: Sealer = { home, files, duck };
	/** Work that nobody waits for, one after the other. */
	let behind: Promise<void> = Promise.resolve();
	const later = (work: () => Promise<void>): Promise<void> => (behind = behind.then(work).catch(warn));

	const { sealOne, recoverAll } = createUpkeep({ sealer, journal, usual, limits, graceMs });
	const reading = createReading(sealer);
	const writer = (kind: LogKind): SegmentWriter =>
		createWriter({
			home,
			kind,
			files,
			limits,
			assertHome,
			refuse,
			retire: (id, owner) => void later(async () => await sealOne(kind, id, owner)),
		});
	const own = new Map<LogKind, SegmentWriter>();
	/** Upkeep of a store that can be read alone is others' work, and no failure here. */
	const unless = (work: () => Promise<void>) => async (): Promise<void> => {
		const refused = await refuse?.().catch(() => true);
		if (!refused) await work();
	};

	return {
		journal,
		writer,
		async append(kind, lines, options) {
			let mine = own.get(kind);
			if (!mine) own.set(kind, (mine = writer(kind)));
			await mine.append(lines, options);
		},
		relation: reading.relation,
		minutes: reading.minutes,
		async any(kind) {
			const { sealed, open } = await filesFor(home, kind, {});
			return sealed.length + open.length > 0;
		},
		query: reading.query,
		sealed: async (kind) => await sealedFiles(home, kind),
		recover: async () => await later(unless(recoverAll)),
		async tidy() {
			await later(unless(recoverAll));
			await later(unless(async () => void (await remove({ home, journal, ...usual }))));
		},
		retain: async (retention = usual) => await remove({ home, journal, ...retention }),
		async settle() {
			for (const [kind, mine] of own) {
				own.delete(kind);
				await mine.close();
			}
			await behind;
			await duck.close();
		},
	};
}
