import type { ColumnProfile } from '../../domain/profile.js';
import { memoryByLearner } from '../../learn/training/memory.js';
import { readyDrawing } from '../charts/draw.js';
import { count, number, percent, plain } from '../formatting.js';
import { datasetColumns, isClassed, targetOf } from '../panels/dataset/columns.js';
import type { DatasetInput } from '../panels/dataset/input.js';
import { datasetStrays } from '../panels/dataset/strays.js';
import { datasetTraining } from '../panels/dataset/training.js';
import { datasetWarnings } from '../panels/dataset/warnings.js';
import { notesPanel } from '../panels/notes.js';
import type { Panel } from '../panels/panel.js';
import { previewPanel, type Preview } from '../panels/preview.js';
import { makeReport, type Report } from '../makeReport.js';
import { facts } from '../safeHtml.js';

export const DATASET_PANELS: ReadonlyArray<Panel<DatasetInput>> = [
	datasetWarnings,
	notesPanel(({ notes = [] }) => notes, { title: 'How it was read' }),
	datasetColumns,
	datasetStrays,
	datasetTraining,
	previewPanel('First rows'),
];

/** What stands most often in the column to predict, where it holds classes; yes and no are kept as 1 and 0. */
function mostOften({ type, top }: ColumnProfile, classed: boolean): string {
	if (!top?.[0] || !classed) return '';
	const { value } = top[0];
	return `, which is most often “${type === 'boolean' ? (Number(value) ? 'yes' : 'no') : plain(value, 30)}”`;
}

/** What is in a dataset version and what to look at before training. */
export function datasetReport(
	record: DatasetInput['record'],
	profile: DatasetInput['profile'],
	preview?: Preview,
	notes: readonly string[] = [],
): Promise<Report> {
	const input = { record, profile, preview, notes };
	const missing = profile.columns.reduce((sum, c) => sum + c.missing, 0);
	const cells = profile.rows * profile.columns.length;
	const target = targetOf(input);
	const { warnings } = profile;
	const features = profile.columns.filter((c) => c.role === 'feature').length;
	return makeReport(
		{
			title: `Dataset ${record.name}`,
			eyebrow: `Dataset${record.version ? ` · version ${record.version}` : ''} · ${record.source.description}`,
			sentence:
				`“${record.name}” holds ${count(record.rows, 'row')} and ` +
				`${count(record.columns.length, 'column')}` +
				`${missing ? `; ${percent(cells ? missing / cells : 0)} of the cells are empty` : ' without gaps'}.`,
			lead: target
				? `${number(features)} columns can be used to predict ` + `“${target.name}”${mostOften(target, isClassed(profile))}.`
				: 'No column to predict has been chosen yet: pick one in Train, or in the options of Ingest.',
			verdict: warnings.length
				? { text: count(warnings.length, 'thing to look at', 'things to look at'), tone: 'warn' }
				: { text: 'nothing stands out', tone: 'good' },
			facts: facts([
				{ label: 'rows', value: number(record.rows) },
				{ label: 'columns', value: number(record.columns.length) },
				{ label: 'empty cells', value: number(missing) },
				{ label: 'repeated rows', value: number(profile.duplicates) },
				record.quarantined > 0 && { label: 'rows that could not be read', value: number(record.quarantined) },
			]),
		},
		DATASET_PANELS,
		input,
	);
}

/** Loads what this report is made with, for whoever has time while something else works: that takes as long as making it. */
export async function readyToDraw(): Promise<void> {
	memoryByLearner({ rows: 0, schema: [] });
	await readyDrawing();
}
