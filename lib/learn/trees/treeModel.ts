import type { Learner } from '../contract.js';
import { checkTrees, modelOf, treeBytes, treeMicroseconds } from './ensemble.js';
import { treesToOnnx } from './export/treesToOnnx.js';
import { treePredictor } from './treePredictor.js';

/** What all learners share whose model is trees that are averaged or added up. */
export const treeModel = {
	validate: checkTrees,
	predictor: (state, columns) => treePredictor(modelOf(state), columns),
	onnx: (state) => treesToOnnx(modelOf(state)),
	rowMicroseconds: treeMicroseconds,
	residentBytes: treeBytes,
	manifestVersion: 6,
} as const satisfies Partial<Learner>;
