import type { DriftRecord } from '../../domain/drift.js';
import { number, percent } from '../formatting.js';
import { columnDrift } from '../panels/drift/columnDrift.js';
import { deadColumns } from '../panels/drift/deadColumns.js';
import { newValues } from '../panels/drift/newValues.js';
import { notCompared, nothingCompared } from '../panels/drift/notCompared.js';
import { thenAndNow } from '../panels/drift/thenAndNow.js';
import { unknownValues } from '../panels/drift/unknownValues.js';
import { notesPanel } from '../panels/notes.js';
import type { Panel } from '../panels/panel.js';
import { makeReport, type Report } from '../makeReport.js';
import { facts, say } from '../safeHtml.js';

export const DRIFT_PANELS: ReadonlyArray<Panel<DriftRecord>> = [
	deadColumns,
	nothingCompared,
	columnDrift,
	thenAndNow,
	unknownValues,
	newValues,
	notCompared,
	notesPanel((drift) => drift.notes.map((n) => n.text), { note: (text) => say('plain', text) }),
];

/** What changed between then and now, and whether it matters. */
export function driftReportHtml(drift: DriftRecord): Promise<Report> {
	const n = drift.driftedColumns.length;
	return makeReport(
		{
			title: `Drift ${drift.modelName ?? ''}`.trim(),
			eyebrow:
				`Drift check${drift.modelName ? ` · ${drift.modelName}` : ''} · ${drift.current.description} against ` +
				`${drift.reference.description}`,
			sentence: drift.summary,
			verdict: drift.drifted ? { text: 'drifted', tone: 'bad' } : { text: 'stable', tone: 'good' },
			lead:
				`${n === 0 ? 'No column' : `${percent(drift.share)} of the columns`} changed; from ${percent(drift.shareThreshold)} on ` +
				`the data as a whole count as drifted.${drift.mode === 'evidently' ? ' Decided by Evidently’s rules.' : ''}`,
			facts: facts([
				{ label: 'columns changed', value: `${number(n)} of ${number(drift.columns.length)}` },
				{ label: 'rows then', value: number(drift.reference.rows) },
				{ label: 'rows now', value: number(drift.current.rows) },
			]),
		},
		DRIFT_PANELS,
		drift,
	);
}
