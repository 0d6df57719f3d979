/**
 * fast-check as the tests import it: every property begins from the same seed, so that a run says something about the change it is run for
 * and not about its luck. Whoever looks for new counterexamples says `MLOPS_SEED=random` (or a number), which goes before the seeds that
 * tests name themselves; a counterexample found is kept as an example.
 */
import fc from '../node_modules/fast-check/lib/cjs/fast-check';

const { MLOPS_SEED: asked } = process.env;

/** What was asked for as a number; none where nothing was. */
export const askedSeed = asked === 'random' ? (Date.now() ^ (process.pid << 12)) >>> 1 : asked === undefined ? undefined : Number(asked);

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: askedSeed ?? 1 });

export const assert = ((property: fc.IRawProperty<unknown>, params?: fc.Parameters<unknown>) =>
	fc.assert(property, askedSeed === undefined ? params : { ...params, seed: askedSeed })) as typeof fc.assert;

export * from '../node_modules/fast-check/lib/cjs/fast-check';
export default { ...fc, assert };
