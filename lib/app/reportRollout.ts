import type { ItemRollout } from '../domain/item.js';
import type { ReportRecord } from '../domain/report.js';
import { rolloutReportJob } from './jobs/rolloutReportJob.js';
import type { Session } from './session.js';

/**
 * What guards and truth say of a rollout now, and the report on it, drawn outside this process. A preview is told as it is.
 * @throws `compute.*`
 */
export const reportRollout = async (
	{ store, run }: Pick<Session, 'store' | 'run'>,
	rollout: ItemRollout,
): Promise<{ rollout: ItemRollout; report: ReportRecord }> => await run(rolloutReportJob, { store: store.ref, rollout });
