import type { Case } from '../contract.mts';

/**
 * Logistic regression on the table that Ingest keeps, as learners get it: standardised numbers with their medians in gaps (and a column that
 * says where), six categories, 106,000 coefficients. Only the fit is timed: ours with its defaults, scikit-learn's as it comes (L-BFGS,
 * C = 1) on a sparse one-hot matrix. Its 100 iterations end above the minimum, so our objective may be lower and never higher.
 */
export const linear: Case = {
	id: 'linear',
	sizes: { '1m': 1_000_000 },
	peers: ['scikit-learn'],
	ready: 'recipe.ready.mts',
	ours: 'linear.ours.mts',
	theirs: 'linear.py',
	tolerance: 1e-6,
	atMost: ['objective'],
};
