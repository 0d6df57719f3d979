import { z } from 'zod/v4';
import { columnsParam } from '../../domain/ui.js';
import { isNumberVector, vectorOf } from '../../data/frame.js';
import { takeRows } from '../../data/takeRows.js';
import { boundsOf, outlierParams, type Bounds } from '../bounds.js';
import { chooseColumns, type ColumnState } from '../columnStep.js';
import { defineStep } from '../contract.js';
import { rowsWhere } from '../rows.js';

const params = z.object({
	columns: columnsParam({
		title: 'Columns',
		description: 'Numbers to look at. Leave empty for all numeric features.',
		accepts: ['number', 'integer'],
	}),
	...outlierParams,
});

/** Leaves training rows with extreme values out of training. Rows to test on or to predict are never dropped. */
export const dropOutliers = defineStep<z.infer<typeof params>, ColumnState<Bounds>>({
	id: 'drop_outliers',
	version: 1,
	label: 'Drop outliers',
	group: 'clean',
	stage: 'fold',
	rows: 'drop',
	params,
	description: 'Leaves rows with extreme values out of training; no row is left out when testing or predicting.',
	outputs: (input) => [...input],
	fit(frame, p) {
		const chosen = chooseColumns(frame.schema, p.columns, ['number', 'integer']);
		return {
			columns: chosen.flatMap(({ name }) => {
				const v = vectorOf(frame, name);
				const state = isNumberVector(v) ? boundsOf(v, p) : undefined;
				return state ? [{ name, state }] : [];
			}),
		};
	},
	transform(frame, _, state) {
		const checks = (state?.columns ?? []).flatMap(({ name, state: { low, high } }) => {
			const v = vectorOf(frame, name);
			return isNumberVector(v) ? [{ data: v.data, low, high }] : [];
		});
		const rows = rowsWhere(frame.rows, (i) => checks.every(({ data, low, high }) => !(data[i] < low || data[i] > high)));
		return rows.length === frame.rows ? frame : takeRows(frame, rows);
	},
	explain: (p) => `Leaves rows with extreme values (${p.method}) out of training.`,
});
