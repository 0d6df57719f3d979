import { z } from 'zod/v4';
import { defineJob } from '../../compute/contract.js';
import { itemDeployment } from '../../domain/item.js';
import { deploymentReport } from '../../report/reports/deployment.js';
import { approvalsAbout } from '../approvalsAbout.js';
import { reportRecord } from '../../domain/report.js';
import { keepReport } from '../keepReport.js';
import { storeRef } from '../../domain/storeRef.js';
import { withStore } from '../withStore.js';

/** Draws what Deploy did: the move, why it was allowed, and the alias's history. */
export const deploymentReportJob = defineJob({
	id: 'deploymentReport',
	input: z.object({
		store: storeRef,
		deployment: itemDeployment,
		digest: z.string().optional(),
		actor: z.string(),
		reason: z.string().optional(),
		ownName: z.string().optional(),
	}),
	output: reportRecord,
	run: async ({ store: ref, deployment, digest, actor, reason, ownName }) =>
		await withStore(ref, async (store) => {
			const evaluation = digest ? await store.evaluationOf(digest) : undefined;
			const [approval] = digest ? await approvalsAbout(store, digest, [deployment.model, ownName]) : [];
			const history = await store.aliasHistory(deployment.model, deployment.alias);
			return await keepReport(
				store,
				'deployment',
				await deploymentReport(deployment, { evaluation: evaluation?.body, approval, history, actor, reason }),
			);
		}),
});
