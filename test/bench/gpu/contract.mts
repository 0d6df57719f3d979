/** What one process is asked, as the JSON of its last argument. */
export interface Task {
	/** Holds train.x and test.x (32-bit numbers, row after row), train.y and test.y. */
	folder: string;
	/** Of train, from its first row on. */
	rows: number;
	tests: number;
	columns: number;
	epochs: number;
	batchSize: number;
	/** After so many no further epoch is waited for. */
	seconds: number;
	seed: number;
}

/** What a process would compute on. */
export interface Device {
	/** As its driver calls it. */
	name: string;
	gpu: boolean;
	/** Of what computes. */
	version: string;
}

/** Where a training stood after an epoch: seconds since it began, and the loss of the rows to test on. */
export interface Point {
	seconds: number;
	loss: number;
}
