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

interface Recent {
	from: number;
	at: number;
	blocks: TrafficBlock[];
}

/** Traffic of all models in blocks of so many minutes: what is past is read once, what is recent now and then. */
export interface HeldTraffic {
	/** Blocks of a model that begin between two moments (ms). */
	between(model: string, since: number, until: number): Promise<TrafficBlock[]>;
}

export function holdTraffic(store: Store, minutes: number): HeldTraffic {
	const size = minutes * MINUTE_MS;
	const floor = (t: number): number => Math.floor(t / size) * size;
	/** Blocks that are settled, by their beginning; between `from` and `to` all are here. */
	let settled: { from: number; to: number; blocks: Map<number, TrafficBlock[]> } | undefined;
	let recent: Recent | undefined;
	let reading: Promise<Recent> | undefined;
	let loading: Promise<unknown> = Promise.resolve();

	const read = async (from: number, to: number): Promise<TrafficBlock[]> =>
		await trafficBlocks(store, { since: new Date(from).toISOString(), until: new Date(to).toISOString(), step: minutes });

	/** Sees to it that all settled blocks from a moment on are in memory. */
	async function settle(from: number, edge: number): Promise<void> {
		if (from >= edge) return;
		const add = (found: TrafficBlock[]): void => {
			for (const block of found) {
				const there = settled!.blocks.get(block.t);
				if (there) there.push(block);
				else settled!.blocks.set(block.t, [block]);
			}
		};
		if (!settled || from > settled.to) settled = { from: edge, to: edge, blocks: new Map() };
		if (from < settled.from) {
			add(await read(from, settled.from));
			settled.from = from;
		}
		if (edge > settled.to) {
			add(await read(settled.to, edge));
			settled.to = edge;
		}
		let count = [...settled.blocks.values()].reduce((sum, { length }) => sum + length, 0);
		for (const t of [...settled.blocks.keys()].sort((a, b) => a - b)) {
			if (count <= MOST_BLOCKS || t >= from) break;
			count -= settled.blocks.get(t)!.length;
			settled.blocks.delete(t);
			settled.from = t + size;
		}
	}

	async function readRecent(from: number): Promise<Recent> {
		try {
			const at = Date.now();
			recent = { from, at, blocks: await read(from, at + SETTLED_MS) };
			return recent;
		} finally {
			reading = undefined;
		}
	}

	async function recentFrom(edge: number): Promise<TrafficBlock[]> {
		const usable = recent && recent.from <= edge ? recent : undefined;
		const age = usable ? Date.now() - usable.at : Number.POSITIVE_INFINITY;
		if (age > FRESH_MS && !reading) {
			reading = readRecent(edge);
			// Who is shown the last reading does not wait for the next one.
			reading.catch(() => {});
		}
		const shown = age <= OLD_MS ? usable! : await reading!;
		return shown.blocks.filter(({ t }) => t >= edge);
	}

	return {
		async between(model, since, until) {
			const edge = floor(Date.now() - SETTLED_MS);
			const from = floor(since);
			// One after the other, so that nothing is read twice.
			const loaded = loading.then(async () => await settle(Math.min(from, edge), edge));
			loading = loaded.catch(() => {});
			await loaded;
			const past: TrafficBlock[] = [];
			for (let t = from; t < Math.min(edge, until); t += size)
				for (const block of settled?.blocks.get(t) ?? []) if (block.model === model) past.push(block);
			const now = until > edge ? (await recentFrom(edge)).filter(({ t, model: of }) => of === model && t >= from && t < until) : [];
			return [...past, ...now];
		},
	};
}
