/** Two tables to compare, by their names in `folder`. */
export interface Asked {
	folder: string;
	reference: string;
	current: string;
	mode: 'default' | 'evidently';
	/** Against what is kept of the reference instead of its rows. */
	sketch: boolean;
	threads: number;
}

/** What a comparison took, in seconds, and what it says of each column. */
export interface Compared {
	reading: number;
	/** With all rows in memory. */
	comparing: number;
	/** The whole job, from the store to the report that is kept there. */
	fromStore?: number;
	/** Resident memory at most, in bytes. */
	peak: number;
	columns: Record<string, { method: string; score: number; drifted: boolean }>;
}
