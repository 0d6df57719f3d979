import { z } from 'zod/v4';
import { defineJob } from '../../compute/contract.js';
import { dictionaryOf } from '../../domain/dictionary.js';
import { monitorWindow, watchId } from '../../domain/monitor.js';
import { parseParams } from '../../domain/params.js';
import { reportRecord } from '../../domain/report.js';
import { storeRef } from '../../domain/storeRef.js';
import { itemWatched, type ItemWatched, type WatchedOver } from '../../domain/watched.js';
import { watchReport } from '../../report/reports/watch.js';
import { keepReport } from '../keepReport.js';
import { watchOf } from '../watches/index.js';
import { isJudged, lookWindows } from '../watches/lookWindows.js';
import { windowsIn } from '../watches/windows.js';
import { withStore } from '../withStore.js';
import { cutText } from '../../domain/text.js';

/** Newest windows and findings that an item carries. */
const MOST = { windows: 60, findings: 40, notes: 20 };

/** Looks over the windows of a time at once, and keeps the report on it. */
export const watchJob = defineJob({
	id: 'watch',
	input: z.object({
		store: storeRef,
		watch: watchId,
		model: z.string(),
		alias: z.string().optional(),
		versions: z.array(z.number().int()).optional(),
		segments: z.array(z.string()),
		from: z.string(),
		until: z.string(),
		/** Absent: all of it in one. */
		window: monitorWindow.optional(),
		falseAlarmsAYear: z.number().positive(),
		params: dictionaryOf(z.unknown()),
	}),
	output: z.object({ watched: itemWatched, report: reportRecord }),
	run: async ({ store: ref, watch: id, from, until, window, falseAlarmsAYear, params: given, ...watched }, context) =>
		await withStore(ref, async (store) => {
			const watch = watchOf(id);
			const windows = await windowsIn(store, watched, { from, until }, window);
			const params = parseParams(watch.params, given, id) as never;
			const over = await lookWindows(
				store,
				{ watch, watched, windows, window, params, falseAlarmsAYear },
				{ ...context, signal: new AbortController().signal },
			);
			return { watched: shortened(over), report: await keepReport(store, 'watch', await watchReport(over)) };
		}),
});

function shortened({ windows, ...over }: WatchedOver): ItemWatched {
	const last = [...windows].reverse().find(({ verdict }) => isJudged(verdict)) ?? windows.at(-1);
	const findings = [...(last?.findings ?? [])].sort(
		(a, b) => Number(b.why !== undefined) - Number(a.why !== undefined) || (b.weight ?? 1) - (a.weight ?? 1),
	);
	return {
		...over,
		windows: windows.slice(-MOST.windows).map(({ from, until, verdict, rows, known, summary }) => ({
			from,
			until,
			verdict,
			rows,
			...(known === undefined ? {} : { known }),
			summary: cutText(summary, 300),
		})),
		findings: findings.slice(0, MOST.findings),
		notes: (last?.notes ?? []).slice(0, MOST.notes),
	};
}
