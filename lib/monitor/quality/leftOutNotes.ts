import type { VerdictRecord } from '../../domain/monitor.js';
import { count } from '../../report/formatting.js';

/** Answers of a window that are not judged. */
export interface LeftOut {
	failed: number;
	/** By a shadow. */
	unseen: number;
}

export function leftOutNotes({ failed, unseen }: LeftOut): VerdictRecord['notes'] {
	return [
		...(failed ? [{ code: 'failed_answers', text: `${count(failed, 'request')} failed and have no answer to judge.` }] : []),
		...(unseen ? [{ code: 'unseen_answers', text: `${count(unseen, 'answer')} of shadows, which nobody saw, are left out.` }] : []),
	];
}
