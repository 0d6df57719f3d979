import type { DatasetRecord } from '../../../domain/dataset.js';
import type { Profile } from '../../../domain/profile.js';
import type { Preview } from '../preview.js';

/** A dataset version, what is known of its columns, and some of its rows. */
export interface DatasetInput {
	record: DatasetRecord & { version?: number };
	profile: Profile;
	preview?: Preview;
	/** What was found, chosen and put right while it was read, one sentence each. */
	notes?: readonly string[];
}
