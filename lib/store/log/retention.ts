import { MlopsError } from '../../domain/errors.js';
import type { Retention } from './contract.js';

const DAYS = 400;
const GIGABYTES = 20;

/** A setting that is a number of at least 0; 0 is no limit. */
function limit(name: string, usual: number, environment: NodeJS.ProcessEnv): number | undefined {
	const text = environment[name]?.trim();
	const value = text ? Number(text) : usual;
	if (!(value >= 0 && Number.isFinite(value)))
		throw new MlopsError('input.invalid', `The setting ${name} is "${text}", which is no number of at least 0.`, {
			remedy: `Set ${name} to a number (0: no limit), or remove it for ${usual}.`,
		});
	return value === 0 ? undefined : value;
}

/**
 * How long sealed segments are kept: `MLOPS_LOG_DAYS` (400, unless it is set) and `MLOPS_LOG_GB` (20) for all together; 0 is no limit.
 * @throws `input.invalid`
 */
export function retentionSet(environment: NodeJS.ProcessEnv = process.env): Retention {
	const gigabytes = limit('MLOPS_LOG_GB', GIGABYTES, environment);
	return { days: limit('MLOPS_LOG_DAYS', DAYS, environment), ...(gigabytes === undefined ? {} : { bytes: gigabytes * 1e9 }) };
}
