import { MlopsError } from '../domain/errors.js';
import { LEARNERS, learnerById } from '../learn/learners/index.js';
import { writeModel } from '../learn/onnx/graph.js';
import { inputsOf, readEncoder } from '../recipe/encode.js';
import { taskById } from '../task/index.js';
import { defineExport, type PackagedModel } from './contract.js';

const utf8 = new TextEncoder();

/** The learner of a model package as an ONNX file. Recipe and encoder are not in it: the description beside it says what they do. */
export const onnx = defineExport({
	id: 'onnx',
	label: 'ONNX',
	description:
		'One file for ONNX Runtime and others, and a description of how its inputs are made; the steps before the model are not in it',
	refusal({ learner: { id } }) {
		const { onnx: able, label } = learnerById(id);
		if (able) return undefined;
		const ables = LEARNERS.filter((l) => l.onnx)
			.map((l) => l.label)
			.join(', ');
		return new MlopsError('learn.no_onnx', `A model of the kind "${label}" cannot be written as ONNX.`, {
			expected: `one of: ${ables}`,
			remedy: 'Train a model of one of these kinds.',
		});
	},
	write(model) {
		const learner = learnerById(model.manifest.learner.id);
		const description = describe(model);
		return {
			files: [
				{
					name: 'model.onnx',
					bytes: writeModel(learner.onnx!(learner.validate(model.state))),
					along: { key: 'onnx', ending: '.onnx', type: 'application/octet-stream', what: 'The ONNX file' },
				},
				{
					name: 'description.json',
					bytes: utf8.encode(`${JSON.stringify(description, null, '\t')}\n`),
					along: { key: 'inputs', ending: '-inputs.json', type: 'application/json', what: 'The description of its inputs' },
				},
			],
			facts: { inputs: description.input.columns.length, outputs: description.output.columns.length },
		};
	},
	formerFields: ({ model, bytes, facts = {} }, [file, description]) => ({
		onnx: { model, inputs: facts.inputs, outputs: facts.outputs, bytes, file, description },
	}),
});

/** How each input is made of the data, step by step, and what each output means. */
function describe({ manifest }: PackagedModel) {
	const { target, classes, threshold, recipe } = manifest;
	const task = taskById(manifest.task);
	const columns = inputsOf(readEncoder(manifest.encoder));
	const outputs = task.outputNames(manifest);
	return {
		task: task.id,
		target,
		learner: manifest.learner.id,
		...(classes.length ? { classes } : {}),
		...(task.threshold ? { threshold: { value: threshold, meaning: task.threshold.meaning(manifest) } } : {}),
		steps: {
			about: 'Apply these to the data first, in this order; what each has learned from the training rows is in its state.',
			list: recipe.steps,
		},
		input: {
			name: 'input',
			type: 'double',
			shape: ['rows', columns.length],
			about:
				'A number is (value - mean) / std, with `fill` in the place of a missing value (NaN where `fill` is null). A category is ' +
				'the position of its value in `levels` plus 2; 0 is missing, 1 any other value. A pair is the position of the values of both its ' +
				'`sources` together in `levels` plus 2 (null is missing), 1 any other. A flag is 1 where it holds, else 0, then ' +
				'(flag - mean) / std.',
			columns,
		},
		output: { name: 'prediction', shape: ['rows', outputs.length], columns: outputs },
	};
}
