import { newFlag, WISH, wish, wished } from '../../../domain/cancel.js';
import type { FitContext } from '../../contract.js';
import type { Budget } from './budget.js';

/** A context that stops its learner, which keeps the best so far, when `left` gives no more seconds, and hands on what a person asks. */
export function within(context: FitContext, left: () => number): FitContext {
	const flag = newFlag();
	const look = (): void => {
		const asked = wished(context);
		if (asked !== WISH.goOn) wish(flag, asked);
		else if (left() <= 0) wish(flag, WISH.keepBest);
	};
	look();
	return {
		...context,
		cancelled: flag,
		progress: (p) => {
			look();
			context.progress(p);
		},
	};
}

/** A context for a fit that is not tried but kept: it may take what is left of the budget, and so many seconds whatever is left. */
export function inBudget(context: FitContext, budget: Budget | undefined, atLeast: number): FitContext {
	if (!budget) return context;
	const end = Math.min(0, budget.left() - atLeast);
	return within(context, () => budget.left() - end);
}
