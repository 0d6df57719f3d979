import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ColumnSchema } from '../../lib/domain/column.js';
import type { Frame } from '../../lib/data/frame.js';
import { splitParams } from '../../lib/domain/split.js';
import type { JobContext } from '../../lib/compute/contract.js';
import type { TrainSpec } from '../../lib/learn/training/types.js';
import { frameOf } from '../data/frames.js';

/** The penguins of `vega-datasets`, typed as Ingest types them. */
export function penguins(): Frame {
	const rows = JSON.parse(readFileSync(join(__dirname, '../../node_modules/vega-datasets/data/penguins.json'), 'utf8')) as Array<
		Record<string, unknown>
	>;
	const schema: ColumnSchema[] = Object.keys(rows[0]).map((name) => ({
		name,
		type: typeof rows.find((r) => r[name] !== null)![name] === 'number' ? 'number' : 'category',
		role: 'feature',
	}));
	return frameOf(schema, Object.fromEntries(schema.map((c) => [c.name, rows.map((r) => (r[c.name] === '.' ? null : r[c.name]))])));
}

export const specOf = (spec: Partial<TrainSpec> & { target: string }): TrainSpec => ({
	recipe: { steps: [] },
	split: splitParams.parse({}),
	learner: 'gradientBoosting',
	params: {},
	seed: 1,
	...spec,
});

export function taskContext(): JobContext & { notes: string[]; stages: string[] } {
	const notes: string[] = [];
	const stages: string[] = [];
	return {
		threads: 1,
		memoryBytes: 2 ** 31,
		cancelled: new Int32Array(new SharedArrayBuffer(4)),
		notes,
		stages,
		progress: (p) => {
			stages.push(p.stage);
		},
		note: (code) => {
			notes.push(code);
		},
	};
}

/** In it Automatic ends once so many trials went well, so that what it tried does not hang on how fast a machine is. */
export function untilTried(trials: number): ReturnType<typeof taskContext> {
	const context = taskContext();
	const { progress } = context;
	return {
		...context,
		progress: (p) => {
			progress(p);
			if ((p.leaderboard ?? []).filter(({ failed }) => !failed).length >= trials) context.cancelled[0] = 2;
		},
	};
}
