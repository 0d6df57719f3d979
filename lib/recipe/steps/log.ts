import { z } from 'zod/v4';
import { columnsParam } from '../../domain/ui.js';
import { columnStep } from '../columnStep.js';

const params = z.object({
	columns: columnsParam({
		title: 'Columns',
		description: 'Numbers to take the logarithm of, usually amounts with a few very large values.',
		accepts: ['number', 'integer'],
	}),
	method: z
		.enum(['log1p', 'signed'])
		.default('log1p')
		.meta({
			title: 'Method',
			description: 'How the logarithm is taken.',
			labels: { log1p: 'log(1 + x), for values from 0 upwards', signed: 'With sign, also for negative values' },
		}),
});

const log1p = (x: number): number => (x > -1 ? Math.log1p(x) : NaN);

function log1pAll(values: Float64Array): void {
	for (let i = 0, n = values.length; i < n; i++) values[i] = log1p(values[i]);
}

export const log = columnStep<z.infer<typeof params>>({
	id: 'log',
	version: 1,
	label: 'Logarithm',
	group: 'feature',
	stage: 'dataset',
	params,
	description:
		'Brings amounts that differ a thousandfold closer together. Below -1, log(1 + x) does not exist and the value becomes missing.',
	columns: (p) => p.columns,
	accepts: ['number', 'integer'],
	make: (column, p) => ({
		made: [
			{
				schema: { ...column, type: 'number' },
				derive:
					p.method === 'log1p'
						? { from: 'number', to: 'number', map: log1p, all: log1pAll }
						: { from: 'number', to: 'number', map: (x) => Math.sign(x) * Math.log1p(Math.abs(x)) },
			},
		],
	}),
	explain: (p) => `Takes the logarithm of ${p.columns.join(', ') || 'all numbers'}.`,
});
