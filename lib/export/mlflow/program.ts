import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { own } from '../../domain/dictionary.js';
import { MlopsError } from '../../domain/errors.js';
import { createPredictor, type RowPredictor } from '../../serve/predictor.js';
import { taskById } from '../../task/index.js';

/**
 * The program inside an exported folder: `node predictor.cjs model.mlopsmodel` answers rows as Predict does. The build puts it and all that
 * it needs into one file. Each line on standard input is a JSON list of rows, each line on standard output the list of their answers: `p`
 * the prediction, `q` the probability of each class or the task's own numbers, `w` what to know before relying on it; or `e`, why there is
 * none. It ends with its input.
 */
async function main(path: string): Promise<void> {
	const predictor = await createPredictor(readFileSync(path), '');
	for await (const line of createInterface({ input: process.stdin }))
		process.stdout.write(`${JSON.stringify((JSON.parse(line, revive) as Row[]).map((row) => answer(predictor, row)))}\n`);
}

type Row = Record<string, unknown>;

/** A moment has no form of its own in JSON: it comes as `{ "$moment": milliseconds }`. */
function revive(_key: string, value: unknown): unknown {
	const moment = typeof value === 'object' && value !== null ? (value as { $moment?: unknown }).$moment : undefined;
	return typeof moment === 'number' ? new Date(moment) : value;
}

function answer(predictor: RowPredictor, row: Row): { p: unknown; q?: number[]; w?: string[] } | { e: string } {
	try {
		const { prediction, probabilities, own: fields, warnings } = predictor.answer(row, 0);
		const { classes, task } = predictor.manifest;
		const numbers = taskById(task).says?.numbers;
		return {
			p: prediction,
			...(probabilities ? { q: classes.map((label) => own(probabilities, String(label))!) } : {}),
			...(fields && numbers ? { q: numbers.map((name) => Number(own(fields, name))) } : {}),
			...(warnings ? { w: warnings.map(({ text }) => text) } : {}),
		};
	} catch (thrown) {
		const { message, details } = MlopsError.from(thrown);
		return { e: [message, details.remedy].filter(Boolean).join(' ') };
	}
}

void main(process.argv[2]);
