import { MlopsError } from '../../domain/errors.js';
import type { DriftTest } from '../defineDriftTest.js';
import { chisquare } from './chisquare.js';
import { contingency } from './contingency.js';
import { cramerVonMises } from './cramer_von_mises.js';
import { ed } from './ed.js';
import { gTest } from './g_test.js';
import { hellinger } from './hellinger.js';
import { jensenshannon } from './jensenshannon.js';
import { klDiv } from './kl_div.js';
import { ks } from './ks.js';
import { mannw } from './mannw.js';
import { psi } from './psi.js';
import { tTest } from './t_test.js';
import { tvd } from './tvd.js';
import { wasserstein } from './wasserstein.js';
import { z } from './z.js';

export const DRIFT_TESTS: readonly DriftTest[] = [
	ks,
	wasserstein,
	jensenshannon,
	contingency,
	chisquare,
	z,
	psi,
	klDiv,
	hellinger,
	tvd,
	mannw,
	tTest,
	cramerVonMises,
	ed,
	gTest,
];

/** @throws `input.invalid` naming the tests there are */
export function driftTest(id: string): DriftTest {
	const found = DRIFT_TESTS.find((t) => t.id === id);
	if (found) return found;
	throw new MlopsError('input.invalid', `There is no drift test "${id}".`, {
		expected: `one of: ${DRIFT_TESTS.map((t) => t.id).join(', ')}`,
	});
}
