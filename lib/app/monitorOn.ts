import type { ItemDrift } from '../domain/item.js';
import type { Recipe } from '../domain/recipe.js';
import type { ReportRecord } from '../domain/report.js';
import type { DriftParams } from '../monitor/driftParams.js';
import { monitorJob } from './jobs/monitorJob.js';
import type { Session } from './session.js';

/** Moments between which rows lie, the second itself not included; none: no limit. */
interface Span {
	from?: string;
	until?: string;
}

/** Rows of a dataset; a recipe's steps that need no fitting are applied. */
interface DatasetRows extends Span {
	datasetId: string;
	recipe?: Recipe;
}

/** A model as drift is told of it; without a name where it is not registered. */
export interface WatchedModel {
	name?: string;
	/** `name@version`, or what else to call it. */
	label: string;
	runId: string;
	digest: string;
}

export interface MonitorOnRequest {
	/** What the rows are compared with: those that a model learned from, or a dataset's. */
	reference: WatchedModel | DatasetRows;
	/**
	 * A dataset's rows, those of a model's prediction log, or a file of rows in the store that is deleted afterwards, read as a model reads.
	 */
	current: DatasetRows | ({ logOf: WatchedModel } & Span) | { handedOver: string; readBy: WatchedModel };
	params: DriftParams;
	/** Also say what the other way of deciding finds. */
	beside: boolean;
	/** Name in the registry of the model that all this is about. */
	modelName?: string;
}

/** Compares rows with those of before, column by column, outside this process. @throws `monitor.*`, `store.not_found`, `compute.*` */
export async function monitorOn(
	{ store, run }: Session,
	{ reference, current, params, beside, modelName }: MonitorOnRequest,
): Promise<{ drift: ItemDrift; report: ReportRecord }> {
	try {
		return await run(monitorJob, {
			store: store.ref,
			reference:
				'datasetId' in reference ? { kind: 'dataset', ...reference } : { kind: 'model', runId: reference.runId, name: reference.label },
			current: rowsNow(current),
			params,
			beside,
			...(modelName ? { modelName } : {}),
		});
	} finally {
		if ('handedOver' in current) await store.artifacts.discard(current.handedOver).catch(() => {});
	}
}

function rowsNow(current: MonitorOnRequest['current']) {
	if ('datasetId' in current) return { kind: 'dataset' as const, ...current };
	if ('handedOver' in current) return { kind: 'items' as const, handedOver: current.handedOver, digest: current.readBy.digest };
	const { logOf, from, until } = current;
	return { kind: 'log' as const, model: logOf.label, digest: logOf.digest, since: from, until };
}
