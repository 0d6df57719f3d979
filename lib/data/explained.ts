import { MlopsError } from '../domain/errors.js';
import type { RawTable } from './sources/contract.js';

/**
 * Works with what a source read. Some of it is only looked at then, so what fails may be a fault of the source, which says so itself.
 * @throws what the source says of the failure, else the failure
 */
export async function explained<T>({ whyFailed }: Pick<RawTable, 'whyFailed'>, work: () => Promise<T>): Promise<T> {
	try {
		return await work();
	} catch (thrown) {
		if (thrown instanceof MlopsError) throw thrown;
		throw (await whyFailed?.(thrown)) ?? thrown;
	}
}
