import type { JobStore } from '../compute/engines/board.js';
import type { JobEngine } from '../compute/engines/contract.js';
import { engines } from '../compute/engines/index.js';
import { MlopsError } from '../domain/errors.js';

/** The engine that jobs on this store go to, as `MLOPS_ENGINE` says. @throws `input.invalid` */
export function jobEngine(store: JobStore, chosen = process.env['MLOPS_ENGINE']): JobEngine {
	const type = chosen ? engines.find(({ id }) => id === chosen) : engines[0];
	if (!type)
		throw new MlopsError('input.invalid', `There is no way to run jobs called "${chosen}".`, {
			expected: engines.map(({ id }) => id).join(', '),
			found: chosen,
			remedy: 'Correct MLOPS_ENGINE, or leave it out.',
		});
	return type.on(store);
}

/** Ends all that engines run for this process. */
export const closeEngines = async (): Promise<void> => {
	await Promise.all(engines.map(async (type) => await type.close()));
};
