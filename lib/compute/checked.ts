import { MlopsError } from '../domain/errors.js';
import type { Task } from './contract.js';

/** A task's input or output after its schema. @throws `input.invalid` (input) or `internal` (output) naming the field */
export function checked<I, O>(task: Task<I, O>, side: 'input', value: unknown): I;
export function checked<I, O>(task: Task<I, O>, side: 'output', value: unknown): O;
export function checked<I, O>(task: Task<I, O>, side: 'input' | 'output', value: unknown): I | O {
	const parsed = task[side].safeParse(value);
	if (parsed.success) return parsed.data;
	const [issue] = parsed.error.issues;
	throw new MlopsError(
		side === 'input' ? 'input.invalid' : 'internal',
		`The ${side} of the task "${task.id}" is not valid: ${issue?.path.join('.') || side}: ${issue?.message ?? 'invalid'}.`,
		{ cause: parsed.error },
	);
}
