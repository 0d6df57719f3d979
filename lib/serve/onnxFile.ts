import { MlopsError } from '../domain/errors.js';
import { readPackage } from '../formats/modelPackage.js';
import { LEARNERS, learnerById } from '../learn/learners/index.js';
import { inputsOf, readEncoder } from '../recipe/encode.js';

/** A model for programs that run ONNX, and what they must know to ask it. */
export interface OnnxFile {
	file: Uint8Array;
	inputs: number;
	outputs: number /** JSON: how each input is made of the data, step by step, and what each output means. */;
	description: string;
}

/**
 * The learner of a model package as an ONNX file. Recipe and encoder are not in it: the description says what they do.
 * @throws `learn.no_onnx` for a learner that has no such form, `learn.model_invalid`, `learn.parameter_invalid` where the file would be larger than ONNX allows
 */
export function onnxFile(bytes: Uint8Array): OnnxFile {
	const { manifest, state } = readPackage(bytes);
	const learner = learnerById(manifest.learner.id);
	if (!learner.onnx) {
		const able = LEARNERS.filter((l) => l.onnx)
			.map((l) => l.label)
			.join(', ');
		throw new MlopsError('learn.no_onnx', `A model of the kind "${learner.label}" cannot be written as ONNX.`, {
			expected: `one of: ${able}`,
			remedy: 'Train a model of one of these kinds.',
		});
	}
	const { task, target, classes, threshold, recipe } = manifest;
	const columns = inputsOf(readEncoder(manifest.encoder));
	const outputs =
		task === 'regression'
			? [`${target}: the value`]
			: (task === 'binary' ? classes.slice(1) : classes).map((label) => `probability that ${target} is ${String(label)}`);
	const description = {
		task,
		target,
		learner: learner.id,
		...(task === 'regression' ? {} : { classes }),
		...(task === 'binary'
			? { threshold: { value: threshold, meaning: `At this probability and above the answer is ${String(classes[1])}.` } }
			: {}),
		steps: {
			about: 'Apply these to the data first, in this order; what each has learned from the training rows is in its state.',
			list: recipe.steps,
		},
		input: {
			name: 'input',
			type: 'double',
			shape: ['rows', columns.length],
			about:
				'A number is (value - mean) / std, with `fill` in the place of a missing value (NaN where `fill` is null). A category is the position of its value in `levels` plus 2; 0 is missing, 1 any other value. A flag is 1 where it holds, else 0, then (flag - mean) / std.',
			columns,
		},
		output: { name: 'prediction', shape: ['rows', outputs.length], columns: outputs },
	};
	return {
		file: learner.onnx(learner.validate(state)),
		inputs: columns.length,
		outputs: outputs.length,
		description: `${JSON.stringify(description, null, '\t')}\n`,
	};
}
