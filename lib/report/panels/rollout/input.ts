import type { ItemRollout } from '../../../domain/item.js';
import type { RolloutRecord } from '../../../domain/rollout.js';
import type { AuditEvent } from '../../../store/contract.js';

/** How the difference of a candidate to the stable version came, in the metric's own sign. */
export interface Way {
	version: number;
	/** What the metric is called. */
	metric: string;
	looks: ReadonlyArray<{ n: number; value: number; low: number; high: number }>;
}

/** A rollout, and what is known of it; a preview is the first alone. */
export interface RolloutInput {
	rollout: ItemRollout;
	record?: RolloutRecord;
	/** Newest first. */
	events?: readonly AuditEvent[];
	counts?: ReadonlyArray<{ arm: string; requests: number; rows: number; failed: number; pairs: number; agreeing: number }>;
	ways?: readonly Way[];
}
