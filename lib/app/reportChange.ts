import type { ItemDeployment } from '../domain/item.js';
import type { ModelHandle } from '../domain/model.js';
import type { ReportRecord } from '../domain/report.js';
import { deploymentReportJob } from './jobs/deploymentReportJob.js';
import type { Session } from './session.js';

/**
 * Draws what a change of the registry did, outside this process: the move, why it was allowed, and the alias's history. @throws `compute.*`
 */
export async function reportChange(
	{ store, run, actor }: Session,
	{ deployment, model, reason }: { deployment: ItemDeployment; model?: ModelHandle; reason?: string },
): Promise<ReportRecord> {
	return await run(deploymentReportJob, {
		store: store.ref,
		deployment,
		digest: model?.digest,
		actor,
		...(reason ? { reason } : {}),
		...(model?.name ? { ownName: model.name } : {}),
	});
}
