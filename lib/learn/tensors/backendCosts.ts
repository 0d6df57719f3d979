import { z } from 'zod/v4';
import { BACKENDS } from './tensorBackends.js';

/** What a backend is measured at: steps of training, or batches of answers, of the plain network and of the tabular one. */
export const KINDS = ['plain', 'tabular', 'plainAnswers', 'tabularAnswers'] as const;
export type Kind = (typeof KINDS)[number];

const seconds = z.number().nonnegative();
const cost = z.object({
	kind: z.enum(KINDS),
	/** The first step, in which a backend gets its programs ready. */
	first: seconds,
	/** A step however small, and every operation on top of that. */
	step: seconds,
	operation: seconds,
});
export type Cost = z.infer<typeof cost>;

/** What was measured of one backend. */
export const measured = z.object({ id: z.enum(BACKENDS), at: z.iso.datetime(), open: seconds, costs: z.array(cost) });
export type Measured = z.infer<typeof measured>;

/** A training, or rows to answer, as a backend sees it: steps, and operations (additions and products) in all of them. */
export interface Work {
	kind: Kind;
	steps: number;
	operations: number;
}

/** Steps of two sizes as they were timed. */
export interface Timed {
	operations: number;
	seconds: number;
}

/**
 * A fixed cost a step and a cost an operation from steps of two sizes. Where the larger took no longer, the operations are as good as free;
 * where it took more than its share, a step costs nothing by itself.
 */
export function costOf(small: Timed, large: Timed): Pick<Cost, 'step' | 'operation'> {
	const operation = Math.max(0, (large.seconds - small.seconds) / (large.operations - small.operations));
	const step = small.seconds - operation * small.operations;
	return step >= 0 ? { step, operation } : { step: 0, operation: large.seconds / large.operations };
}

/** How long this work would take, opening the backend with it; undefined where the backend was not measured at such work. */
export function predictedSeconds({ open, costs }: Measured, { kind, steps, operations }: Work): number | undefined {
	const cost = costs.find((c) => c.kind === kind);
	return cost && open + cost.first + steps * cost.step + operations * cost.operation;
}

/** The backends that were measured at such work, with what they would take, the fastest first. */
export function ranked(all: readonly Measured[], work: Work): Array<{ measured: Measured; seconds: number }> {
	return all
		.flatMap((one) => {
			const expected = predictedSeconds(one, work);
			return expected === undefined ? [] : [{ measured: one, seconds: expected }];
		})
		.sort((a, b) => a.seconds - b.seconds);
}

/** Operations a step from which one backend is faster than another, opening aside: 0 where it always is, Infinity where it never is. */
export function winsFrom(one: Cost, other: Cost): number {
	const [apart, gain] = [one.step - other.step, other.operation - one.operation];
	if (gain > 0) return Math.max(0, apart / gain);
	return apart < 0 && gain === 0 ? 0 : Infinity;
}

/** Seconds as people say them. */
export function secondsText(value: number): string {
	const two = (n: number): string => (n < 10 ? n.toFixed(1) : Math.round(n).toLocaleString('en'));
	if (value < 1e-3) return `${two(value * 1e6)} microseconds`;
	return value < 1 ? `${two(value * 1e3)} ms` : `${two(value)} s`;
}

/** Operations as people say them. */
export function operationsText(count: number): string {
	const [by, word] = count >= 1e12 ? [1e12, ' trillion'] : count >= 1e9 ? [1e9, ' billion'] : count >= 1e6 ? [1e6, ' million'] : [1, ''];
	return `${Number((count / by).toPrecision(2)).toLocaleString('en')}${word}`;
}

const NAMES: Record<Kind, string> = {
	plain: 'a plain network in training',
	tabular: 'a tabular network in training',
	plainAnswers: 'answers of a plain network',
	tabularAnswers: 'answers of a tabular network',
};

/** What was measured of a backend at such work. */
export function costText({ step, operation }: Cost): string {
	const speed = operation > 0 ? `${operationsText(1 / operation)} operations a second` : 'more operations a second than could be measured';
	return `${secondsText(step)} a step and ${speed}`;
}

/** What was measured of a backend, and from where on it is faster than another: a sentence for each kind of work. */
export function measuredText({ id, at, open, costs }: Measured, other?: Measured): string {
	const each = costs.map((cost) => {
		const against = other?.id === id ? undefined : other?.costs.find((c) => c.kind === cost.kind);
		return `${NAMES[cost.kind]}: ${costText(cost)}${against ? `, ${winsText(winsFrom(cost, against))} ${other!.id}` : ''}`;
	});
	return `measured on ${dayText(at)}: opens in ${secondsText(open)}; ${each.join('; ')}`;
}

function winsText(from: number): string {
	if (from === Infinity) return 'at no size faster than';
	return from > 0 ? `from ${operationsText(from)} operations a step on faster than` : 'at any size faster than';
}

/** A day as people write it; the same on every machine. */
export const dayText = (at: string): string => at.slice(0, 10);
