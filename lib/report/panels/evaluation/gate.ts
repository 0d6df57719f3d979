import type { EvaluationRecord } from '../../../domain/evaluation.js';
import { html, say, type Content } from '../../safeHtml.js';
import { definePanel } from '../panel.js';
import type { EvaluationInput } from './input.js';

type Gate = EvaluationRecord['gate'];

/** The gate's sentences, in boxes. */
export const gateBoxes = (gate: Gate): Content =>
	gate.reasons.length === 0
		? html`<p class="hint">No rules were set, so nothing was asked of the model.</p>`
		: gate.reasons.map((r) => say(r.passed ? 'good' : 'bad', r.text, r.passed ? '✓ Passed.' : '✗ Failed.'));

/** What was asked of the model, and whether it does it. */
export const gate = definePanel<EvaluationInput, Gate>({
	id: 'gate',
	data: ({ evaluation }) => evaluation.gate,
	draw: (found) => ({
		title: found.passed ? 'Why it passed' : found.refused ? 'Why it was not judged' : 'Why it did not pass',
		hint: found.judged && `Judged on ${found.judged}`,
		body: gateBoxes(found),
	}),
});
