import type { ModelManifest } from '../../../domain/model.js';
import { taskById } from '../../../task/index.js';
import type { Schema } from './row.js';

const PROBABILITY: Schema = { type: 'number', minimum: 0, maximum: 1 };

/** What the model answers for a row, by its task: which fields there are, of which types, and the classes that it knows. */
export function answerFields(manifest: ModelManifest): { properties: Readonly<Record<string, Schema>>; required: readonly string[] } {
	const task = taskById(manifest.task);
	const outputs = task.outputs(manifest.classes.length);
	// Which fields an answer of the task has is seen by one.
	const sample = task.answer(new Array<number>(outputs).fill(1 / outputs), manifest);
	const properties: Record<string, Schema> = {
		prediction: predictionSchema(manifest, sample.prediction),
		...(sample.probability === undefined
			? {}
			: { probability: { ...PROBABILITY, description: 'Probability of the class that `prediction` names.' } }),
		...(sample.probabilities ? { probabilities: probabilitiesSchema(manifest.classes.map(String)) } : {}),
		...Object.fromEntries(Object.entries(sample.own ?? {}).map(([name, value]) => [name, { type: typeof value } as Schema])),
	};
	const required = Object.keys(properties);
	if (manifest.v !== 1 && task.threshold) properties.threshold = { type: 'number', description: task.threshold.meaning(manifest) };
	properties.reasons = { $ref: '#/components/schemas/Reasons', description: 'Where reasons were asked for and the model can tell them.' };
	properties.contributions = { $ref: '#/components/schemas/Reasons', description: 'All of them, where `explain` was asked.' };
	properties.changes = { $ref: '#/components/schemas/Changes', description: 'What would change the answer, where `changes` was sent.' };
	properties.warnings = { $ref: '#/components/schemas/Warnings' };
	return { properties, required };
}

function predictionSchema({ target, classes, task }: ModelManifest, sample: string | number | boolean): Schema {
	if (classes.length) return { enum: [...classes], description: `The class of "${target}" that the row belongs to.` };
	if (taskById(task).says) return { type: typeof sample, description: `What the model finds: ${taskById(task).description}.` };
	return { type: typeof sample, description: `The value of "${target}".` };
}

const probabilitiesSchema = (classes: readonly string[]): Schema => ({
	type: 'object',
	description: 'Probability of each class.',
	required: [...new Set(classes)],
	properties: Object.fromEntries(classes.map((name) => [name, PROBABILITY])),
	additionalProperties: false,
});

/** What answers of all models have in common. */
export const ANSWER_SCHEMAS: Readonly<Record<string, Schema>> = {
	Reasons: {
		type: 'array',
		description: 'Columns that moved the answer most, the strongest first.',
		items: {
			type: 'object',
			required: ['feature', 'value', 'contribution'],
			properties: {
				feature: { type: 'string', description: 'The column, or what the recipe made of it.' },
				value: { description: 'Its value as the training data wrote it: yes and no by their words, dates as ISO text.' },
				contribution: {
					type: 'number',
					description:
						'How far it moved the answer: above 0 towards the positive class, the predicted one of several, or a larger value. In units ' +
						'of the answer; where boosting or logistic regression is the whole model, of its score before that (log odds).',
				},
				error: { type: 'number', description: 'Standard error of the contribution, where the model was asked many times for it.' },
				columns: { type: 'integer', description: 'How many columns these are, where they share one reason.' },
				usual: { type: 'string', description: 'What is usual there, in words.' },
			},
		},
	},
	Changes: {
		type: 'array',
		description: 'Ways to another answer, the nearest first; or one sentence that there is none.',
		items: {
			type: 'object',
			required: ['text'],
			properties: {
				text: { type: 'string' },
				set: { type: 'object', description: 'Values that would be other ones, by column.' },
				prediction: { description: 'The answer then.' },
				probability: { type: 'number', description: 'Its probability, where there are classes.' },
			},
		},
	},
	Warnings: {
		type: 'array',
		description: 'What to know before relying on the answer. Absent where there is nothing to say.',
		items: {
			type: 'object',
			required: ['code', 'column', 'text', 'value'],
			properties: {
				code: { enum: ['predict.unknown_value', 'predict.out_of_range', 'predict.other_case'] },
				column: { type: 'string' },
				text: { type: 'string', description: 'A sentence for people.' },
				value: { type: ['string', 'number', 'boolean', 'null'], description: 'The value as it came.' },
			},
		},
	},
};

/** The most classes that a sentence names. */
const NAMED_CLASSES = 6;

/** What the model answers, in one sentence: `Answers "species": Adelie, Chinstrap or Gentoo.` */
export function answersText({ task, target, classes }: ModelManifest): string {
	const { finds } = taskById(task);
	if (finds !== undefined) return `Finds ${finds}.`;
	if (!classes.length) return `Answers "${target}", a number.`;
	const names = classes.slice(0, NAMED_CLASSES).map(String);
	const more = classes.length - names.length;
	const last = more > 0 ? `${more} more` : names.pop()!;
	return `Answers "${target}": ${names.length ? `${names.join(', ')} or ${last}` : last}.`;
}

/** What a page says about an answer: the target, and towards what a reason above 0 moves it where that is always the same. */
export function aboutAnswers(manifest: ModelManifest): Schema {
	const { finds, output } = taskById(manifest.task);
	return {
		answers: answersText(manifest),
		...(finds === undefined ? { target: manifest.target } : { finds }),
		...(output === 'probability' ? { positive: String(manifest.classes[1]) } : {}),
	};
}
