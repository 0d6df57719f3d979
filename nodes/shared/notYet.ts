import type { IExecuteFunctions } from 'n8n-workflow';
import { MlopsError, type ErrorCode } from '../../lib/domain/errors.js';
import { isNewer } from './versions.js';

/** What a node needs is not there yet. The item goes on, by the first output, and says so; the rest of the workflow runs. */
export class NotYet extends Error {
	constructor(override readonly cause: MlopsError) {
		super([cause.message, cause.details.remedy].filter(Boolean).join(' '));
	}
}

/** What is missing as long as nothing was deployed, or nothing was asked. */
const MISSING: readonly ErrorCode[] = ['store.not_found', 'input.no_handle'];

/**
 * Somebody who builds a workflow in the editor presses the button before everything is there. What is only not there yet shall not stop all
 * the rest then. A real run has nobody who looks: there it stays the error that it is, as it does in workflows made with version 1 of the
 * node.
 *
 * @throws NotYet in a test run, where `find` misses something; else what `find` throws
 */
export async function orNotYet<T>(
	functions: IExecuteFunctions,
	find: () => Promise<T>,
	missing: readonly ErrorCode[] = MISSING,
): Promise<T> {
	try {
		return await find();
	} catch (thrown) {
		const error = MlopsError.from(thrown);
		const building = isNewer(functions) && functions.getMode() === 'manual' && !functions.getNode().type.endsWith('Tool');
		throw building && missing.includes(error.code) ? new NotYet(error) : thrown;
	}
}
