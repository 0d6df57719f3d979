import type { ColumnProfile } from '../../domain/profile.js';
import type { Vector } from '../frame.js';
import type { Signs } from '../signs.js';

/** What is known of the columns of a table once all were read, in the order of its schema, before roles and target are. */
export interface Collected {
	profiles: ColumnProfile[];
	/** `vectorDigest` of each. */
	digests: string[];
	signs: Signs[];
	/** Rows equal to an earlier one. */
	duplicates: number;
	/** Values of a column on the rows of `sampleRows`. */
	sample(index: number): Promise<Vector>;
}

export interface Pass {
	/** Throws when all is to stop. */
	check(): void;
	progress(share: number): void;
}
