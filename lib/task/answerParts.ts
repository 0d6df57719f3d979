import { own } from '../domain/dictionary.js';
import type { ModelManifest } from '../domain/model.js';
import type { Verdict } from './contract.js';
import { taskById } from './index.js';

/** One of the fields that every answer of a model has, for other programs: its name, what it holds, and how it is got from an answer. */
export interface AnswerPart {
	name: string;
	type: 'string' | 'boolean' | 'integer' | 'number';
	of(answer: Verdict): string | number | boolean;
}

/** `prediction`, then for classes `probability <class>` each, else what the task has of its own. */
export function answerParts(manifest: Pick<ModelManifest, 'task' | 'classes'>): AnswerPart[] {
	const { classes, task } = manifest;
	const { says } = taskById(task);
	const numbers = says
		? says.numbers.map((name): AnswerPart => ({ name, type: 'number', of: (answer) => own(answer.own, name)! }))
		: classes.map((label): AnswerPart => {
				const name = String(label);
				return { name: `probability ${name}`, type: 'number', of: ({ probabilities }) => own(probabilities, name)! };
			});
	return [{ name: 'prediction', type: predictionType(manifest), of: ({ prediction }) => prediction }, ...numbers];
}

/** The type of the labels, or a number where there are none. */
function predictionType({ classes, task }: Pick<ModelManifest, 'task' | 'classes'>): AnswerPart['type'] {
	const { says } = taskById(task);
	if (says) return says.prediction;
	if (classes.length === 0) return 'number';
	if (classes.every((label) => typeof label === 'boolean')) return 'boolean';
	if (classes.every((label) => typeof label === 'number')) return classes.every(Number.isInteger) ? 'integer' : 'number';
	return 'string';
}
