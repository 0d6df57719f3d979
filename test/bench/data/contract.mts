/** What one process of a benchmark is asked, as the JSON of its last argument. */
export interface Task {
	/** Of the case. */
	id: string;
	/** The table as CSV, with names in its first line. */
	csv: string;
	rows: number;
	/** An empty folder for what it writes; gone afterwards. */
	folder: string;
	threads: number;
	/** Which of the peers it is; ours have none. */
	peer?: string;
}

/** What it says in its last line. */
export interface Answer {
	/** Of the library that did it; ours says none. */
	version?: string;
	/** What to count in the place of the whole process: where a part of it is the question, as the fit of a model that was prepared. */
	seconds?: number;
	/** What both sides must agree on: numbers by name, to `tolerance` of the case. */
	found: Record<string, number>;
}

/** A question that our package and its peers answer on the same table, each in processes of its own. */
export interface Case {
	id: string;
	/** Rows of the table by the end of the case's name: `{ '1m': 1_000_000 }`. */
	sizes: Readonly<Record<string, number>>;
	peers: readonly string[];
	/** A program of ours that makes what all of them start from beside the table, once. */
	ready?: string;
	/** Our program (Node) and that of the peers (Python, or Node where it is named so), beside the case. */
	ours: string;
	theirs: string;
	/** How far what both found may differ, relative to it. */
	tolerance: number;
	/** Of these, ours may be less: what is minimised. */
	atMost?: readonly string[];
}
