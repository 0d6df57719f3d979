/**
 * fast-check as the tests import it: every property begins from the same seed, so that a run says something about the change it is run for
 * and not about its luck. Whoever looks for new counterexamples says `MLOPS_SEED=random` (or a number); one found is kept as an example.
 */
import fc from '../node_modules/fast-check/lib/cjs/fast-check';

const { MLOPS_SEED: asked = '1' } = process.env;
if (asked !== 'random') fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(asked) });

export * from '../node_modules/fast-check/lib/cjs/fast-check';
export default fc;
