import { answerParts } from '../../../task/answerParts.js';
import type { AllAnswered } from './ask.js';

/** Answers as objects: the fields that each has, what was asked for beside them, and what to know before relying on them. */
export function records({ manifest, answers }: AllAnswered): Array<Record<string, unknown>> {
	const parts = answerParts(manifest);
	return answers.map((answer) => ({
		...Object.fromEntries(parts.map(({ name, of }) => [name, of(answer)])),
		...(answer.reasons ? { reasons: answer.reasons } : {}),
		...(answer.warnings ? { warnings: answer.warnings.map(({ text }) => text) } : {}),
	}));
}
