// What the benchmark asks of the processes that make data and train, and what they answer: one JSON object a line.

/** What the data are, as about.json says beside them. */
export interface About {
	task: 'binary' | 'multiclass' | 'regression';
	classes: number;
	/** Of each column; 0 for numbers. */
	levels: readonly number[];
	/** Rows of each part. */
	train: number;
	test: number;
	trees: number;
	/** Rows whose SHAP values are timed in the place of the training. */
	explain?: number;
}

export interface Making {
	case: string;
	folder: string;
	scale: number;
	seed: number;
	flights: string;
}

export interface Training {
	folder: string;
	threads: number;
	seed: number;
	/** Where the predictions go. */
	out: string;
	predict: boolean;
	/** For our side alone. */
	quantized?: boolean;
	/** For the other side alone. */
	peer?: string;
}

export interface Trained {
	seconds: number;
	/** Bytes. */
	peak: number;
	version?: string;
	backend?: string;
	predictSeconds?: number;
	rowMicroseconds?: number;
	firstRowMicroseconds?: number;
}

export interface Failed {
	error: string;
}
