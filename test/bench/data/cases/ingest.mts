import type { Case } from '../contract.mts';

/**
 * A CSV file becomes a typed table that is described and kept. Ours is the job of the node, with all that it promises; the peers read, type
 * and store the same, and describe each column as our profile does (gaps, different values, moments, quartiles, histogram, most frequent).
 * They need not find the types, name what they could not read, count copies of rows or give the content an identity.
 */
export const ingest: Case = {
	id: 'ingest',
	sizes: { '1m': 1_000_000, '10m': 10_000_000 },
	peers: ['pandas', 'polars'],
	ours: 'ingest.ours.mts',
	theirs: 'ingest.py',
	tolerance: 1e-9,
};
