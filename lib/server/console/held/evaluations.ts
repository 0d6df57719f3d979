import type { GateResult, Interval } from '../../../domain/evaluation.js';
import type { PlacedRecord, Store } from '../../../store/contract.js';

/** Qualities that are kept; a model has one. */
const MOST = 2_000;
const PIECE = 50;

/** What is shown of the newest evaluation of a model. */
export interface Quality {
	evaluationId: string;
	at: string;
	metric: string;
	value: number;
	low: number;
	high: number;
	rows: number;
	passed: GateResult['passed'];
	metrics: Readonly<Record<string, Interval>>;
}

/** The newest evaluations of models by the digests of their packages; read again once there is a newer one. */
export interface HeldEvaluations {
	/** Forgets what newer evaluations were made of; to be called before a question. */
	refresh(): Promise<void>;
	of(digest: string): Promise<Quality | undefined>;
}

export function holdEvaluations(store: Store): HeldEvaluations {
	const known = new Map<string, Quality | undefined>();
	let upTo: number | undefined;
	let looking: Promise<void> = Promise.resolve();

	/** Forgets what newer evaluations were made of. */
	async function look(): Promise<void> {
		if (upTo === undefined) {
			upTo = (await store.page('evaluation', { limit: 1 }))[0]?.seq ?? 0;
			return;
		}
		for (;;) {
			const found: Array<PlacedRecord<'evaluation'>> = await store.page('evaluation', { after: upTo, limit: PIECE });
			for (const { body } of found) known.delete(body.model);
			upTo = found.at(-1)?.seq ?? upTo;
			if (found.length < PIECE) return;
		}
	}

	return {
		async refresh() {
			const looked = looking.then(look);
			looking = looked.catch(() => {});
			await looked;
		},
		async of(digest) {
			if (known.has(digest)) return known.get(digest);
			const record = await store.evaluationOf(digest);
			let quality: Quality | undefined;
			if (record) {
				const { metrics, primary, rows, gate } = record.body;
				const { value, low, high } = metrics[primary] ?? { value: Number.NaN, low: Number.NaN, high: Number.NaN };
				const shown = { metric: primary, value, low, high, rows, passed: gate.passed, metrics };
				quality = { evaluationId: record.id, at: record.createdAt, ...shown };
			}
			known.set(digest, quality);
			for (const [oldest] of known) {
				if (known.size <= MOST) break;
				known.delete(oldest);
			}
			return quality;
		},
	};
}
