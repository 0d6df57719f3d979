import type { EvaluationRecord } from '../../../domain/evaluation.js';
import type { RunRecord } from '../../../domain/run.js';

/** What only people know about a model. */
export interface ModelCardWords {
	name?: string;
	version?: number;
	intendedUse?: string;
	outOfScope?: string;
	contact?: string;
	considerations?: string;
	trainedAt?: string;
}

/** An evaluation, and what is known of the model beside it. */
export interface EvaluationInput {
	evaluation: EvaluationRecord;
	run?: RunRecord;
	card?: ModelCardWords;
}
