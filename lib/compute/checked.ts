import { MlopsError } from '../domain/errors.js';
import type { Job } from './contract.js';

/** A job's input or output after its schema. @throws `input.invalid` (input) or `internal` (output) naming the field */
export function checked<I, O>(job: Job<I, O>, side: 'input', value: unknown): I;
export function checked<I, O>(job: Job<I, O>, side: 'output', value: unknown): O;
export function checked<I, O>(job: Job<I, O>, side: 'input' | 'output', value: unknown): I | O {
	const parsed = job[side].safeParse(value);
	if (parsed.success) return parsed.data;
	const [issue] = parsed.error.issues;
	throw new MlopsError(
		side === 'input' ? 'input.invalid' : 'internal',
		`The ${side} of the job "${job.id}" is not valid: ${issue?.path.join('.') || side}: ${issue?.message ?? 'invalid'}.`,
		{ cause: parsed.error },
	);
}
