import type { EvaluationRecord } from '../../../domain/evaluation.js';
import { evaluationSentence } from '../../evaluationText.js';
import { html } from '../../safeHtml.js';
import { gateBoxes } from '../evaluation/gate.js';
import { definePanel } from '../panel.js';
import type { DeploymentInput } from './input.js';

/** What the newest evaluation of the model said. */
export const gateThen = definePanel<DeploymentInput, EvaluationRecord>({
	id: 'gate_then',
	data: ({ evaluation }) => evaluation,
	draw: (evaluation) => ({
		title: 'The gate',
		body: html`<p>${evaluationSentence(evaluation)}</p>${gateBoxes(evaluation.gate)}`,
	}),
});
