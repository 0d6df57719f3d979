import { z } from 'zod/v4';
import { defineJob } from '../../compute/contract.js';
import { itemRollout } from '../../domain/item.js';
import { reportRecord } from '../../domain/report.js';
import { storeRef } from '../../domain/storeRef.js';
import { rolloutReport } from '../../report/reports/rollout.js';
import { armName, STABLE } from '../../serve/rollout/counts.js';
import { lookedAt } from '../../serve/rollout/judgeRollout.js';
import { changesText } from '../changesForCallers.js';
import { keepReport } from '../keepReport.js';
import { rolloutStatus } from '../rolloutStatus.js';
import { truthReaderOf } from '../truthReader.js';
import { withStore } from '../withStore.js';

/** How a rollout stands, with what guards and truth say now, and the report on it: its steps, its events, and how the result came. */
export const rolloutReportJob = defineJob({
	id: 'rolloutReport',
	input: z.object({ store: storeRef, rollout: itemRollout }),
	output: z.object({ rollout: itemRollout, report: reportRecord }),
	run: async ({ store: ref, rollout }) =>
		await withStore(ref, async (store) => {
			const record = rollout.preview ? undefined : (await store.find('rollout', rollout.id))?.body;
			if (!record) return { rollout, report: await keepReport(store, 'rollout', await rolloutReport({ rollout })) };
			const status = await rolloutStatus(store, record, await truthReaderOf(store, record));
			const events = (await store.auditLog({ subject: rollout.model })).filter(({ details }) => details.rollout === rollout.id);
			const { arms } = status.sight.counts;
			const counts = [STABLE, ...record.candidates.map(({ version }) => armName(record, version))].flatMap((arm) => {
				const of = new Map(Object.entries(arms)).get(arm);
				return of
					? [{ arm, requests: of.requests, rows: of.rows, failed: of.rowErrors + of.failed, pairs: of.pairs, agreeing: of.agreeing }]
					: [];
			});
			const ways = record.candidates.map(({ version }) => ({
				version,
				metric: status.truths?.label ?? '',
				looks: status.truths?.way(armName(record, version), lookedAt(record)) ?? [],
			}));
			const text = [status.rollout.text, changesText(rollout.changes), rollout.warning].filter(Boolean).join(' ');
			const told = { ...rollout, ...status.rollout, text };
			return {
				rollout: told,
				report: await keepReport(store, 'rollout', await rolloutReport({ rollout: told, record, events, counts, ways })),
			};
		}),
});
