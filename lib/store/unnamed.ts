import { sql, type Kysely } from 'kysely';
import type { OwnArtifacts } from './artifacts/contract.js';
import type { Put } from './artifacts/putMarks.js';
import type { Ledger, View } from './audit.js';
import type { Store } from './contract.js';
import type { Tables } from './sql/migrations.js';

/** Which of these digests a record or an approval names that was written after these. */
async function namedSince(db: Kysely<Tables>, digests: readonly string[], { record, approval }: Ends): Promise<Set<string>> {
	const named = new Set<string>();
	for (const digest of digests) {
		const text = `%${digest}%`;
		const found =
			(await db.selectFrom('record').select('id').where('seq', '>', record).where('body', 'like', text).limit(1).executeTakeFirst()) ??
			(await db.selectFrom('approval').select('id').where('seq', '>', approval).where('request', 'like', text).limit(1).executeTakeFirst());
		if (found) named.add(digest);
	}
	return named;
}

/** Numbers of the newest lines. */
interface Ends {
	record: number;
	approval: number;
}

const endsOf = async (db: Kysely<Tables>): Promise<Ends> => {
	const last = async (table: 'record' | 'approval'): Promise<number> =>
		Number((await db.selectFrom(table).select(sql<number | null>`max(seq)`.as('seq')).executeTakeFirst())?.seq ?? 0);
	return { record: await last('record'), approval: await last('approval') };
};

/** Files that were put for a record which was never written go again. */
export function createKeeping(view: View, ledger: Ledger, artifacts: OwnArtifacts): Pick<Store, 'keeping'> & { clear(): Promise<void> } {
	/**
	 * Who adds a record makes sure within its transaction that the files are there, and here they go within one: so no record names a file
	 * that went. Most of the search is done before, that nobody waits for it.
	 */
	async function drop(puts: readonly Put[]): Promise<void> {
		if (puts.length === 0) return;
		const digests = puts.map(({ digest }) => digest);
		const ends = await endsOf(view.read);
		const named = await namedSince(view.read, digests, { record: 0, approval: 0 });
		const rest = puts.filter(({ digest }) => !named.has(digest));
		if (rest.length === 0) return;
		await ledger.change(async (db) => {
			const since = await namedSince(
				db,
				rest.map(({ digest }) => digest),
				ends,
			);
			// Who put the same meanwhile has yet to name it: it is theirs then.
			for (const { digest, isWanted } of rest) if (!since.has(digest) && !(await isWanted())) await artifacts.drop(digest);
		});
	}

	return {
		keeping: async (work) => await artifacts.within(work, drop),
		/** Clears up behind processes that are gone. */
		async clear() {
			const left = await artifacts.left();
			await drop(left);
			for (const { forget } of left) await forget();
		},
	};
}
