import type { ColumnSchema } from '../domain/column.js';
import { numbersInto } from '../data/derived.js';
import { openNumbers } from '../data/sharedNumbers.js';
import type { ColumnTask, Step } from './contract.js';
import { changeBy } from './derive.js';
import { changeInEncoder, numberFigures, type EncoderAgain } from './encodeNumbers.js';
import type { Needs } from './matrix.js';

/** A change that a step makes of a column, for threads. */
export interface StepAgain {
	step: string;
	params: unknown;
	column: ColumnSchema;
	state: unknown;
	/** Which of the columns that the step makes of it. */
	at: number;
}

/** What a step learns of a column. */
export interface FitTask extends ColumnTask {
	kind: 'fit';
	step: string;
	params: unknown;
	column: ColumnSchema;
}
/** What an encoder learns of a column. */
export interface FiguresTask extends ColumnTask {
	kind: 'figures';
	needs: Needs;
}
/** Writes a column into shared memory. */
export interface FillTask extends ColumnTask {
	kind: 'fill';
	out: Float32Array | Float64Array;
}
export type CrewTask = FitTask | FiguresTask | FillTask;

/** Does a task in a thread. */
export function doTask(task: CrewTask, stepById: (id: string) => Step): unknown {
	const vector = openNumbers(task.vector, (again) => changeAgain(again as StepAgain | EncoderAgain, stepById));
	switch (task.kind) {
		case 'fit':
			return stepById(task.step).ofColumn?.fit?.({ schema: task.column, vector }, task.params);
		case 'figures':
			return numberFigures(vector, task.needs);
		case 'fill':
			numbersInto(vector, task.out);
			return undefined;
	}
}

function changeAgain(again: StepAgain | EncoderAgain, stepById: (id: string) => Step) {
	if (!('step' in again)) return changeInEncoder(again);
	const derive = stepById(again.step).ofColumn!.derives(again.column, again.params, again.state)[again.at];
	if (derive.from !== 'number' || derive.to !== 'number') throw new TypeError('changeAgain: numbers expected');
	return changeBy(derive);
}
