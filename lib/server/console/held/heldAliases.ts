import type { Store } from '../../../store/contract.js';

/** Events read in one go. */
const PIECE = 1_000;

/** Where an alias points, and since when. */
export interface AliasNow {
	to: number;
	since: string;
}

/** Where all aliases of all models point, in memory: the audit log says what moved, and is read on. */
export interface HeldAliases {
	/** By model and alias, as the store has it now. */
	read(): Promise<ReadonlyMap<string, ReadonlyMap<string, AliasNow>>>;
}

export function holdAliases(store: Store): HeldAliases {
	const models = new Map<string, Map<string, AliasNow>>();
	let last = 0;
	let reading: Promise<void> = Promise.resolve();

	async function readOn(): Promise<void> {
		for (;;) {
			const moves = await store.auditLog({ action: 'alias.moved', since: last, limit: PIECE });
			for (const { seq, at, subject, details } of moves) {
				last = seq;
				const aliases = models.get(subject) ?? new Map<string, AliasNow>();
				models.set(subject, aliases);
				if (typeof details.to === 'number') aliases.set(String(details.alias), { to: details.to, since: at });
				else aliases.delete(String(details.alias));
			}
			if (moves.length < PIECE) return;
		}
	}

	return {
		async read() {
			// One after the other: who asks now sees what was moved until now.
			const next = reading.then(readOn);
			reading = next.catch(() => {});
			await next;
			return models;
		},
	};
}
