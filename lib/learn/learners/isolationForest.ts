import { z } from 'zod/v4';
import { quantiles } from '../../recipe/stats.js';
import { checkUnlabelled } from '../check.js';
import { defineLearner, type Matrix, type Predictor, type State } from '../contract.js';
import { isFlagged } from '../../task/flag.js';
import { compile } from '../trees/compileTrees.js';
import { treesToOnnx } from '../trees/export/treesToOnnx.js';
import { growIsolationForest } from '../trees/isolation/growIsolationForest.js';
import { checkTrees, modelOf, toState, treeBytes, type Ensemble } from '../trees/ensemble.js';
import { treePredictor } from '../trees/treePredictor.js';
import { rawBatch } from '../trees/rawScore.js';

const params = z.object({
	n_estimators: z
		.number()
		.int()
		.min(2)
		.max(10_000)
		.default(100)
		.meta({ title: 'Number of trees', description: 'How many trees take the rows apart. More trees are steadier and take longer.' }),
	max_samples: z
		.number()
		.positive()
		.default(256)
		.meta({
			title: 'Rows a tree',
			description:
				'How many rows each tree sees, drawn at random: a few hundred are enough, and many hide what is odd behind what is near ' +
				'it. From 0 to 1 it is a share of the rows.',
		}),
	contamination: z
		.number()
		.min(0)
		.max(0.5)
		.default(0)
		.meta({
			title: 'Share of anomalies',
			description:
				'The share of the rows learned from that is to count as an anomaly: it sets the threshold. 0 leaves it to the score alone ' +
				'(above 0.5, as in the paper).',
		}),
	max_features: z.number().positive().max(1).default(1).meta({
		title: 'Share of columns a tree',
		description: 'How many of the columns each tree may use, drawn at random; 1 is all.',
		advanced: true,
	}),
	bootstrap: z.boolean().default(false).meta({
		title: 'Draw rows with replacement',
		description: 'Whether a tree may see a row more than once.',
		advanced: true,
	}),
});
type Params = z.infer<typeof params>;

/** The paper's rule: a row that is as easy to isolate as the average has 0.5. */
const AUTO = 0.5;

/** From 0 to 1 a share, else a number of rows: scikit-learn tells them apart by their types. */
const sampleOf = ({ max_samples: s }: Params, rows: number): number => Math.max(1, Math.min(rows, Math.floor(s <= 1 ? s * rows : s)));

/** Bytes of a node as it grew and as the model keeps it. */
const NODE_BYTES = 250;

/**
 * Isolation forest (Liu, Ting & Zhou 2008) on the tree engine; parameters, their defaults and the threshold are scikit-learn's, whose
 * `'auto'` is 256 rows and, for `contamination`, 0. Scores are the paper's: near 1 is odd, 0.5 and less is usual (scikit-learn gives their
 * negative).
 */
export const isolationForest = defineLearner<Params>({
	id: 'isolationForest',
	label: 'Isolation forest',
	description:
		'Finds rows that are few and different: it counts how few random divisions it takes until a row is alone. Needs no target; ' +
		'takes missing values and categories as they are.',
	outputs: ['score'],
	params,
	searchSpace: {},
	needs: () => ({ categories: 'codes', missing: 'native', scaled: false }),
	estimate: (rows, columns, p) => ({ bytes: rows * 32 + columns * 64 + p.n_estimators * 2 * sampleOf(p, rows) * NODE_BYTES }),
	async fit({ train, labels }, p, context) {
		checkUnlabelled(train, labels.weight, { missing: true });
		const { model, stopped } = await growIsolationForest(
			train,
			labels.weight,
			{
				numTrees: p.n_estimators,
				sample: sampleOf(p, train.rows),
				columns: Math.max(1, Math.floor(p.max_features * train.columns.length)),
				bootstrap: p.bootstrap,
				seed: context.seed,
			},
			context,
		);
		const state = toState(model, { learner: 'isolationForest', params: p, usual: usualNumbers(train), rows: train.rows });
		train.columns.forEach((_, j) => {
			state.arrays[`rows${j}`] = rowsOfValues(train, j);
		});
		return { state, stopped, backend: 'js', threshold: thresholdOf(model, train, p, context.threads) };
	},
	validate: checkTrees,
	predictor: (state, columns) => predictorOf(state, columns),
	onnx: (state) => treesToOnnx(modelOf(state)),
	residentBytes: treeBytes,
	manifestVersion: 6,
});

/** scikit-learn's: the quantile of the scores of the rows learned from, interpolated. */
function thresholdOf(model: Ensemble, train: Matrix, { contamination }: Params, threads: number): { value: number; reason: string } {
	if (contamination === 0) return { value: AUTO, reason: 'a row as easy to isolate as the average has this score' };
	const scores = rawBatch(compile(model), train, undefined, { threads }).map((raw) => 2 ** raw);
	const value = quantiles({ data: scores }, [1 - contamination])[0];
	const above = scores.reduce((n, s) => n + Number(isFlagged(s, value)), 0) / scores.length;
	const percent = (share: number): string => `${(100 * share).toLocaleString('en', { maximumSignificantDigits: 3 })} %`;
	// A row more or less is the interpolation's.
	const met = Math.abs(above - contamination) * scores.length < 1;
	const asked = met ? 'as was asked' : `not the ${percent(contamination)} that were asked for, since rows that are alike share a score`;
	return { value, reason: `${percent(above)} of the rows learned from have a higher score, ${asked}` };
}

/** The middle nine tenths of each column of numbers; null for others. */
const usualNumbers = ({ columns, rows }: Matrix): Array<[number, number] | null> =>
	columns.map((c) => {
		if (c.kind !== 'number') return null;
		const [low, high] = quantiles({ data: Float64Array.from(c.data.subarray(0, rows)) }, [0.05, 0.95]);
		return Number.isNaN(low) ? null : [low, high];
	});

/** Of a category the rows of each code; of numbers those without a value and those with one. */
function rowsOfValues({ columns, rows }: Matrix, j: number): Uint32Array {
	const c = columns[j];
	const counts = new Uint32Array(c.kind === 'number' ? 2 : c.levels);
	for (let i = 0; i < rows; i++) counts[c.kind === 'number' ? +(c.data[i] === c.data[i]) : c.data[i]]++;
	return counts;
}

function predictorOf(state: State, columns: readonly string[]): Predictor {
	const model = modelOf(state);
	const place = new Map(model.columns.map((c, j) => [c.name, j]));
	const usual = state.meta.usual as Array<[number, number] | null> | undefined;
	const rows = Number(state.meta.rows);
	const half = (odd: number): Predictor => treePredictor({ ...model, trees: model.trees.filter((_, t) => t % 2 === odd) }, columns);
	return {
		...treePredictor(model, columns),
		usual(column, value) {
			const j = place.get(columns[column]) ?? -1;
			const range = usual?.[j];
			const counts = state.arrays[`rows${j}`];
			const number = model.columns[j]?.kind === 'number';
			const found = counts?.[number ? +(value === value) : value];
			return {
				...(range ? { low: range[0], high: range[1] } : {}),
				...(found !== undefined && rows > 0 && !(number && value === value) ? { share: found / rows } : {}),
			};
		},
		...(model.trees.length > 1 ? { halves: () => [half(0), half(1)] as const } : {}),
	};
}
