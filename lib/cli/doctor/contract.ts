import type { Desk } from '../contract.js';

/** What one look found. */
export interface Finding {
	/** What was looked at, a word or two. */
	about: string;
	state: 'ok' | 'warning' | 'broken';
	/** What is so. */
	text: string;
	/** What to do, where something is not as it should be. */
	remedy?: string;
}

/** One look at a part of the installation: a file in this folder, listed in `checks.ts`. It throws nothing that it can say. */
export type Check = (desk: Desk) => Promise<Finding[]>;

/** A finding of what either works or does not, told by the error. */
export async function tried(about: string, work: () => Promise<string>, failed: Omit<Finding, 'about' | 'text'>): Promise<Finding> {
	try {
		return { about, state: 'ok', text: await work() };
	} catch (thrown) {
		return { about, ...whatFailed(thrown), ...failed };
	}
}

/** A look that something else kept from looking, as what it found. */
export async function looked(title: string, check: Check, desk: Desk): Promise<Finding[]> {
	try {
		return await check(desk);
	} catch (thrown) {
		return [{ about: title, state: 'broken', ...whatFailed(thrown) }];
	}
}

function whatFailed(thrown: unknown): Pick<Finding, 'text' | 'remedy'> {
	const { message, details } = thrown as { message?: string; details?: { remedy?: string } };
	return { text: message ?? String(thrown), ...(details?.remedy ? { remedy: details.remedy } : {}) };
}
