import { changesBetween, changesText, type Packaged } from '../app/changesForCallers.js';
import { own } from '../domain/dictionary.js';
import { MlopsError } from '../domain/errors.js';
import { lineText } from '../domain/text.js';
import { assertHome } from '../store/home.js';
import { readTable } from './readTable.js';
import { confirm } from './rollouts/followed.js';
import type { ServeTable } from './serveTable.js';
import type { MainState } from './start.js';

/** Keeps what a server knows of its store up to date. */
export interface StoreFollower {
	/** Serves what the store holds now. Never fails: what is in memory goes on being served. */
	refresh(): Promise<void>;
	/** Notes up to when the guards of each running rollout are known to have been whole, and serves what the store holds now. */
	judged(since: ReadonlyMap<string, number>): Promise<void>;
}

/**
 * @param seen one number that all listeners read: when the store was seen last (`monotonic`, ms)
 * @param tell gives the listeners a table that is another, or that one of them could not use in full
 * @param ending whether the server ends: then the store is let go, and nothing is told of that
 */
export function followStore(state: MainState, seen: Float64Array, tell: (table: ServeTable) => void, ending: () => boolean): StoreFollower {
	const { store, options } = state;
	let judged: ReadonlyMap<string, number> = new Map();
	/** How often it went or came: each is told. */
	let turns = 0;
	let refreshing: Promise<void> = Promise.resolve();

	function note({ readFrom, models }: ServeTable, known: typeof judged): void {
		seen[0] = readFrom;
		for (const { divisions } of models) confirm(divisions, readFrom, known);
	}

	const withRun = async (name: string, version: number, digest: string): Promise<Packaged> => ({
		digest,
		runId: (await store.find('modelVersion', name, version).catch(() => undefined))?.body.runId,
	});

	/** Callers of an alias that moved may meet other answers, or errors: whoever looks here for why finds it. */
	async function sayMoves(before: ServeTable, now: ServeTable): Promise<void> {
		for (const { name, aliases, versions } of now.models) {
			const was = before.models.find((model) => model.name === name);
			for (const [alias, version] of Object.entries(aliases)) {
				const from = was && own(was.aliases, alias);
				if (!was || from === undefined || from === version) continue;
				const changes = changesText(
					await changesBetween(
						store,
						store,
						await withRun(name, from, was.versions[from]),
						await withRun(name, version, versions[version]),
					),
				);
				if (changes) state.ownLog.say(`"${alias}" of ${name} moved from version ${from} to ${version}. ${lineText(changes)}`);
			}
		}
	}

	async function readAgain(): Promise<void> {
		// A guard that was broken by then is in the table that is read now: the rollout has ended.
		const known = judged;
		try {
			await assertHome(store.home);
			const next = await readTable(store, options.models, state.table);
			note(next, known);
			if (state.storeAway) state.ownLog.say('The store can be read again.', `read again ${++turns}`);
			state.storeAway = false;
			const before = state.table;
			const changed = next.models !== before.models;
			state.table = next;
			const behind = [...state.listeners.values()].some(({ failed }) => failed.length > 0);
			if (changed || behind) tell(next);
			if (changed) await sayMoves(before, next);
		} catch (thrown) {
			// Readiness and metrics say since when the store is away.
			if (!state.storeAway && !ending()) {
				const { message } = MlopsError.from(thrown);
				state.ownLog.say(`The store cannot be read; what is in memory is served on: ${lineText(message)}`, `away ${++turns}`);
			}
			state.storeAway = true;
		}
	}

	/** One after the other: what was read earlier must not take the place of what was read later. */
	async function refresh(): Promise<void> {
		await (refreshing = refreshing.then(readAgain));
	}

	note(state.table, judged);
	return {
		refresh,
		async judged(since) {
			judged = since;
			await refresh();
		},
	};
}
