/** What the engine understands; the names are LightGBM's in camel case, and so are the meanings and defaults. */
export interface TreeParams {
	numIterations: number;
	learningRate: number;
	numLeaves: number;
	/** -1: no limit. */
	maxDepth: number;
	minDataInLeaf: number;
	minSumHessianInLeaf: number;
	lambdaL1: number;
	lambdaL2: number;
	minGainToSplit: number;
	maxBin: number;
	featureFraction: number;
	baggingFraction: number;
	/** Rows are drawn again every so many trees; 0 draws none. */
	baggingFreq: number;
	/**
	 * `goss`: rows are drawn by the size of their gradient (goss.ts) once the first 1 / learningRate trees have made it tell; else by
	 * bagging.
	 */
	sampling: 'bagging' | 'goss';
	topRate: number;
	otherRate: number;
	/** The rarest categories that together have at most this share of the rows count as one. */
	catRareShare: number;
	catSmooth: number;
	catL2: number;
	maxCatThreshold: number;
	/** Counts one for missing values, as LightGBM does. */
	maxCatToOnehot: number;
	minDataPerGroup: number;
	/** Levels that gradients and hessians are rounded to, up or down by chance; 0: as fine as 16 bits are. */
	numGradQuantBins: number;
	/** `leaf`: the split with the largest gain next; `depth`: level by level. */
	growth: 'leaf' | 'depth';
	/** Of each column one border, drawn at random, is tried in each leaf. */
	extraTrees: boolean;
	/** 0: none. */
	earlyStoppingRounds: number;
	/** -1, 0 or 1 for each column. */
	monotone?: readonly number[];
	/** Sets of columns that may appear together on a path. */
	interactions?: ReadonlyArray<readonly number[]>;
	seed: number;
}

export const treeDefaults: TreeParams = {
	numIterations: 100,
	learningRate: 0.1,
	numLeaves: 31,
	maxDepth: -1,
	minDataInLeaf: 20,
	minSumHessianInLeaf: 1e-3,
	lambdaL1: 0,
	lambdaL2: 0,
	minGainToSplit: 0,
	maxBin: 255,
	featureFraction: 1,
	baggingFraction: 1,
	baggingFreq: 0,
	sampling: 'bagging',
	topRate: 0.2,
	otherRate: 0.1,
	catRareShare: 0.01,
	catSmooth: 10,
	catL2: 10,
	maxCatThreshold: 32,
	maxCatToOnehot: 4,
	minDataPerGroup: 100,
	numGradQuantBins: 0,
	growth: 'leaf',
	extraTrees: false,
	earlyStoppingRounds: 0,
	seed: 0,
};
