import type { ItemRollout } from '../domain/item.js';
import type { RolloutRecord } from '../domain/rollout.js';
import { judge, type Judgement, type Sight } from '../serve/rollout/judgeRollout.js';
import type { Truths } from '../serve/rollout/truths.js';
import type { Store } from '../store/contract.js';
import { countsOf } from './rolloutCounts.js';
import { rolloutItem } from './rollouts.js';

/** Answers of a rollout whose truth came back, read on from where it was read last. */
export interface TruthReader {
	truths: Truths;
	/** Reads what is new, and what was told again; whether there was any. */
	read(): Promise<boolean>;
}

/** What is known of a rollout now. */
export async function sightOf(store: Store, { id }: RolloutRecord, more: Pick<Sight, 'quality' | 'unloadable'>): Promise<Sight> {
	return { counts: await countsOf(store, id), ...more, now: Date.now() };
}

/** The figures that a decision went by, for its event. */
export const numbersOf = ({ findings, results }: Judgement, { counts }: Sight): Record<string, unknown> => ({
	answers: Object.fromEntries(Object.entries(counts.arms).map(([arm, { rows }]) => [arm, rows])),
	findings: findings.map(({ guard, version, broken, text }) => ({ guard, version, broken, text })),
	...(results.length ? { results: results.map(({ version, text }) => ({ version, text })) } : {}),
});

export interface RolloutStatus {
	rollout: ItemRollout;
	judgement: Judgement;
	sight: Sight;
	truths?: Truths;
}

/** How a rollout stands: what its guards say, what the truth says, what happens next. */
export async function rolloutStatus(store: Store, record: RolloutRecord, reader?: TruthReader): Promise<RolloutStatus> {
	await reader?.read();
	const sight = await sightOf(store, record, { quality: reader && reader.truths.size > 0 ? reader.truths.quality() : undefined });
	const judgement = judge(record, sight);
	const { findings, results, action, reason } = judgement;
	const item = rolloutItem(record);
	const said = [item.text, ...results.map(({ text }) => `${text}.`)].join(' ');
	const rollout: ItemRollout = {
		...item,
		text: said,
		findings: findings.map(({ guard, version, broken, text }) => ({ guard, version, broken, text })),
		...(results.length
			? {
					results: results.map(({ version, metric, n, difference, interval, text }) => ({
						version,
						metric,
						answers: n,
						difference,
						low: interval.low,
						high: interval.high,
						text,
					})),
				}
			: {}),
		...(record.state === 'running' ? { next: action, waits: reason } : {}),
	};
	return { rollout, judgement, sight, truths: reader?.truths };
}
