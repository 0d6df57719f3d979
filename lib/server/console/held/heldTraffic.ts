import { trafficBlocks, type TrafficBlock } from '../../../app/traffic.js';
import type { Store } from '../../../store/contract.js';

const MINUTE_MS = 60_000;
/** What is older than this is written, and does not change any more. */
const SETTLED_MS = 2 * 3_600_000;
/** What is younger is read again after this, while the last reading is shown; after so long the last reading is not shown any more. */
const FRESH_MS = 5_000;
const OLD_MS = 120_000;
/** Blocks that are kept in memory; the oldest ones go first. */
const MOST_BLOCKS = 60_000;

/** Where nobody asked for so long, what lies between is not caught up with. */
const LONG_MS = 86_400_000;

/** So much is read at a time: a month of many models would not fit into the log's memory. */
const PIECE_MS = 2 * 86_400_000;

/** Blocks by their beginning and model. */
type Blocks = Map<number, Map<string, TrafficBlock[]>>;

interface Reading {
	from: number;
	at: number;
	blocks: Blocks;
}

/** Traffic of all models in blocks of so many minutes: what is past is read once, what is recent now and then. */
export interface HeldTraffic {
	/** Blocks of a model that begin between two moments (ms). */
	between(model: string, since: number, until: number): Promise<TrafficBlock[]>;
}

async function readBlocks(store: Store, minutes: number, from: number, to: number): Promise<Blocks> {
	const found: TrafficBlock[] = [];
	// Pieces end where blocks do.
	const size = minutes * MINUTE_MS;
	const piece = Math.ceil(PIECE_MS / size) * size;
	for (let at = from; at < to; at += piece) {
		const until = new Date(Math.min(to, at + piece)).toISOString();
		found.push(...(await trafficBlocks(store, { since: new Date(at).toISOString(), until, step: minutes })));
	}
	const blocks: Blocks = new Map();
	for (const block of found) {
		let models = blocks.get(block.t);
		if (!models) blocks.set(block.t, (models = new Map()));
		const there = models.get(block.model);
		if (there) there.push(block);
		else models.set(block.model, [block]);
	}
	return blocks;
}

export function holdTraffic(store: Store, minutes: number): HeldTraffic {
	const size = minutes * MINUTE_MS;
	const floor = (t: number): number => Math.floor(t / size) * size;
	/** Blocks that are settled: between `from` and `to` all are here. */
	let settled: { from: number; to: number; count: number; blocks: Blocks } | undefined;
	/** The newest reading of what is not, from where the settled ones end, or before. */
	let recent: Reading | undefined;
	let reading: Promise<Reading> | undefined;
	let loading: Promise<unknown> = Promise.resolve();

	const read = async (from: number, to: number): Promise<Blocks> => await readBlocks(store, minutes, from, to);

	/** Sees to it that all settled blocks from a moment on are in memory. */
	async function settle(asked: number): Promise<void> {
		const edge = floor(Date.now() - SETTLED_MS);
		const from = Math.min(asked, edge);
		if (!settled || from > settled.to + LONG_MS) settled = { from, to: from, count: 0, blocks: new Map() };
		if (from < settled.from) {
			take(await read(from, settled.from), from, settled.from);
			settled.from = from;
		}
		// What the newest reading had seen long after it was written need not be read again.
		const known = recent && recent.from <= settled.to ? floor(recent.at - SETTLED_MS) : settled.to;
		if (known > settled.to) {
			take(recent!.blocks, settled.to, known);
			settled.to = known;
		}
		// Only who comes back after a long time waits for the rest: else the newest reading holds it.
		if (edge > settled.to && !(recent && recent.from <= settled.to && Date.now() - recent.at <= OLD_MS)) {
			take(await read(settled.to, edge), settled.to, edge);
			settled.to = edge;
		}
		forget(from);
	}

	function take(blocks: Blocks, from: number, to: number): void {
		for (const [t, models] of blocks) {
			if (t < from || t >= to) continue;
			settled!.blocks.set(t, models);
			for (const { length } of models.values()) settled!.count += length;
		}
	}

	function forget(from: number): void {
		if (settled!.count <= MOST_BLOCKS) return;
		for (const t of [...settled!.blocks.keys()].sort((a, b) => a - b)) {
			if (settled!.count <= MOST_BLOCKS || t >= from) return;
			for (const { length } of settled!.blocks.get(t)!.values()) settled!.count -= length;
			settled!.blocks.delete(t);
			settled!.from = t + size;
		}
	}

	async function readRecent(from: number): Promise<Reading> {
		try {
			const at = Date.now();
			recent = { from, at, blocks: await read(from, at + SETTLED_MS) };
			return recent;
		} finally {
			reading = undefined;
		}
	}

	/** What was read last of all from a moment on. */
	async function recentFrom(from: number): Promise<Blocks> {
		const usable = recent && recent.from <= from ? recent : undefined;
		const age = usable ? Date.now() - usable.at : Number.POSITIVE_INFINITY;
		if (age > FRESH_MS && !reading) {
			reading = readRecent(from);
			// Who is shown the last reading does not wait for the next one.
			reading.catch(() => {});
		}
		if (age <= OLD_MS) return usable!.blocks;
		const next = await reading!;
		return next.from <= from ? next.blocks : await read(from, Date.now() + SETTLED_MS);
	}

	return {
		async between(model, since, until) {
			const from = floor(since);
			// One after the other, so that nothing is read twice.
			const loaded = loading.then(async () => await settle(from));
			loading = loaded.catch(() => {});
			await loaded;
			const { to, blocks } = settled!;
			const now = until > to ? await recentFrom(to) : undefined;
			const found: TrafficBlock[] = [];
			for (let t = from; t < until; t += size) found.push(...((t < to ? blocks : now)?.get(t)?.get(model) ?? []));
			return found;
		},
	};
}
