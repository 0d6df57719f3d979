import { z } from 'zod/v4';
import { columnsParam } from '../../domain/ui.js';
import { isNumberVector } from '../../data/frame.js';
import { boundsOf, outlierParams, type Bounds } from '../bounds.js';
import { columnStep } from '../columnStep.js';

const params = z.object({
	columns: columnsParam({
		title: 'Columns',
		description: 'Numbers to limit. Leave empty for all numeric features.',
		accepts: ['number', 'integer'],
	}),
	...outlierParams,
});

/** Winsorising: values beyond the limits learned from the training rows become the limit. */
export const clipOutliers = columnStep<z.infer<typeof params>, Bounds>({
	id: 'clip_outliers',
	version: 1,
	label: 'Clip outliers',
	group: 'clean',
	stage: 'fold',
	params,
	description: 'Pulls extreme values back to a limit learned from the training rows.',
	columns: (p) => p.columns,
	accepts: ['number', 'integer'],
	fit({ schema, vector }, p) {
		const bounds = isNumberVector(vector) ? boundsOf(vector, p) : undefined;
		// A whole number stays whole: the limits move outwards to the next one.
		return bounds && schema.type === 'integer' ? { low: Math.floor(bounds.low), high: Math.ceil(bounds.high) } : bounds;
	},
	make(column, _, state) {
		const { low, high } = state ?? { low: -Infinity, high: Infinity };
		return {
			made: [
				{
					schema: column,
					derive: { from: 'number', to: 'number', map: (x) => clip(x, low, high), all: (values) => clipAll(values, low, high) },
				},
			],
		};
	},
	explain: (p, state) =>
		state
			? `Limits ${
					state.columns
						.slice(0, 10)
						.map((c) => `${c.name} to ${show(c.state.low)} … ${show(c.state.high)}`)
						.join(', ') || 'nothing'
				}.`
			: `Limits extreme values (${p.method}).`,
});

const clip = (x: number, low: number, high: number): number => (x < low ? low : x > high ? high : x);

function clipAll(values: Float64Array, low: number, high: number): void {
	for (let i = 0, n = values.length; i < n; i++) values[i] = clip(values[i], low, high);
}

const show = (x: number): string => String(Number(x.toPrecision(6)));
