import { z } from 'zod/v4';
import { own } from '../../../domain/dictionary.js';
import type { Output } from '../../../task/contract.js';
import { doubleBefore, singleBefore } from '../neighbours.js';
import { addNode, emptyTree, type Tree } from '../tree.js';
import type { Category, Foreign } from './foreign.js';
import { checked, interleave, numbered, ordered, refuse } from './shared.js';
import { decodeUbjson } from './ubjson.js';

const fail = (what: string, remedy?: string) => refuse('XGBoost', what, remedy);

/** How XGBoost's objectives turn raw scores into answers, by our names, and what these are. */
const LINKS: Record<string, readonly [loss: string, output?: Output]> = {
	'binary:logistic': ['binary', 'probability'],
	'reg:logistic': ['binary', 'value'],
	'binary:logitraw': ['raw'],
	'multi:softprob': ['multiclass', 'probabilities'],
	'multi:softmax': ['multiclass', 'probabilities'],
	'reg:squarederror': ['regression', 'value'],
	'reg:absoluteerror': ['regression_l1', 'value'],
	'reg:pseudohubererror': ['huber', 'value'],
	'reg:quantileerror': ['quantile', 'value'],
	'reg:squaredlogerror': ['raw', 'value'],
	'count:poisson': ['poisson', 'value'],
	'reg:gamma': ['gamma', 'value'],
	'reg:tweedie': ['tweedie', 'value'],
	'binary:hinge': ['hinge'],
	'survival:cox': ['exp'],
	'survival:aft': ['exp', 'value'],
	'rank:pairwise': ['raw'],
	'rank:ndcg': ['raw'],
	'rank:map': ['raw'],
};

const numbers = z.array(z.number());
const flags = z.array(z.union([z.number(), z.boolean()]));
const treeShape = z.object({
	left_children: numbers,
	right_children: numbers,
	split_indices: numbers,
	split_conditions: numbers,
	default_left: flags,
	base_weights: numbers,
	sum_hessian: numbers,
	loss_changes: numbers,
	split_type: numbers.optional(),
	categories: numbers.optional(),
	categories_nodes: numbers.optional(),
	categories_segments: numbers.optional(),
	categories_sizes: numbers.optional(),
	tree_param: z.object({ size_leaf_vector: z.string().optional() }).optional(),
});
/** Since XGBoost 3.1: the categories of a column in the order of their codes, as numbers, or as the bytes of all their texts. */
const categoryValues = z.object({ values: numbers, offsets: numbers.optional() });
const forestShape = z.object({
	trees: z.array(treeShape),
	tree_info: numbers,
	cats: z.object({ enc: z.array(categoryValues) }).optional(),
	gbtree_model_param: z.object({ num_parallel_tree: z.string().optional() }).optional(),
});
const modelShape = z.object({
	learner: z.object({
		feature_names: z.array(z.string()).optional(),
		feature_types: z.array(z.string()).optional(),
		attributes: z.object({ best_iteration: z.string().optional(), scikit_learn: z.string().optional() }).optional(),
		objective: z.object({ name: z.string() }),
		learner_model_param: z.object({
			base_score: z.string(),
			num_class: z.string(),
			num_feature: z.string(),
			num_target: z.string().optional(),
		}),
		gradient_booster: z.union([
			z.object({ name: z.string(), gbtree: z.object({ model: forestShape }), weight_drop: numbers }),
			z.object({ name: z.string(), model: forestShape }),
			z.object({ name: z.string() }),
		]),
	}),
});
/** More columns or classes than a table can have: a damaged number. */
const MOST = 1_000_000;

type TreeShape = z.infer<typeof treeShape>;

/**
 * Reads XGBoost's JSON or UBJSON format (`booster.save_model`): numeric and categorical splits, missing values, several classes, DART.
 * All columns are numbers, categories XGBoost's own codes; what these stood for is in files of XGBoost 3.1 and later. Where XGBoost answers
 * with the class alone (`multi:softmax`), ours are the probabilities.
 * @throws `learn.model_invalid`
 */
export function fromXgboost(file: Uint8Array): Foreign {
	let json: unknown;
	// Both begin with a brace; in UBJSON a length or a count follows, in JSON a quote or a blank.
	const isJson = file[0] === 0x7b && [0x22, 0x20, 0x0a, 0x0d, 0x09].includes(file[1]);
	try {
		json = isJson ? JSON.parse(new TextDecoder().decode(file)) : decodeUbjson(file);
	} catch (error) {
		throw error instanceof SyntaxError ? fail('the JSON is damaged') : error;
	}
	const parsed = modelShape.safeParse(json);
	if (!parsed.success)
		throw fail(
			`"${parsed.error.issues[0].path.join('.')}" is not as expected`,
			'Save it with booster.save_model("model.json") in XGBoost 1.6 or later.',
		);
	const { learner } = parsed.data;
	const { gradient_booster: booster, learner_model_param: about } = learner;
	if (!('model' in booster) && !('gbtree' in booster))
		throw fail(`the booster "${booster.name}" has no trees`, 'Train with booster="gbtree".');
	const forest = 'gbtree' in booster ? booster.gbtree.model : booster.model;
	const [loss, output] = own(LINKS, learner.objective.name) ?? [];
	if (!loss) throw fail(`its objective "${learner.objective.name}" is not supported`);
	if (Number(about.num_target ?? 1) > 1) throw fail('it predicts several targets');
	const outputs = Math.max(1, Number(about.num_class));
	const width = Number(about.num_feature);
	const bases = about.base_score.replace(/[[\]]/g, '').split(',').map(Number);
	if (
		!bases.every(Number.isFinite) ||
		!(Number.isInteger(outputs) && outputs <= MOST) ||
		!(Number.isInteger(width) && width >= 0 && width <= MOST)
	)
		throw fail('its parameters are damaged');
	const margin = (p: number) =>
		loss === 'binary' ? Math.log(p / (1 - p)) : ['poisson', 'gamma', 'tweedie', 'exp'].includes(loss) ? Math.log(p) : p;
	const drop = 'weight_drop' in booster ? booster.weight_drop : undefined;
	if (forest.tree_info.length !== forest.trees.length) throw fail('its trees belong to no class');
	const trees = forest.trees.slice(0, treesUsed(learner, forest, outputs)).map((t, i) => readTree(t, i, width, drop ? drop[i] : 1));
	const names = learner.feature_names?.length ? learner.feature_names : undefined;
	return {
		program: 'XGBoost',
		objective: learner.objective.name,
		output,
		named: names !== undefined,
		categorical: Array.from({ length: width }, (_, i) => learner.feature_types?.[i] === 'c'),
		categories: Array.from({ length: width }, (_, i) => categoriesOf(forest.cats?.enc[i])),
		model: checked({
			loss,
			outputs,
			initial: Array.from({ length: outputs }, (_, k) => margin(bases[k] ?? bases[0])),
			average: false,
			trees: interleave(trees, (i) => forest.tree_info[i], outputs, fail),
			columns: numbered(names, width),
		}),
	};
}

function categoriesOf(column: z.infer<typeof categoryValues> | undefined): readonly Category[] | undefined {
	if (!column?.values.length) return undefined;
	const { values, offsets } = column;
	if (!offsets) return values;
	// XGBoost 3.2 counts letters where it should count bytes, so that other letters than those of ASCII shift all names behind them.
	if (values.some((byte) => !(byte >= 0 && byte < 128)))
		throw fail(
			'the names of its categories hold letters with accents or of other scripts, which XGBoost does not write as it should',
			'Rename these categories before training, for example to numbers.',
		);
	return offsets.slice(1).map((end, i) => String.fromCharCode(...values.slice(offsets[i], end)));
}

/**
 * After early stopping the scikit-learn interface predicts with the trees up to the best iteration, XGBoost's Booster with all of them:
 * each file is read as its own kind does.
 */
function treesUsed(learner: z.infer<typeof modelShape>['learner'], forest: z.infer<typeof forestShape>, outputs: number): number {
	const { best_iteration: best, scikit_learn: wrapped } = learner.attributes ?? {};
	if (wrapped === undefined || best === undefined) return forest.trees.length;
	const parallel = Number(forest.gbtree_model_param?.num_parallel_tree ?? 1) || 1;
	const count = (Number(best) + 1) * outputs * parallel;
	if (!(Number.isInteger(count) && count > 0 && count <= forest.trees.length)) throw fail('its best iteration is not among its trees');
	return count;
}

function readTree(t: TreeShape, index: number, width: number, scale: number): Tree {
	const where = `tree ${index + 1}`;
	const count = t.left_children.length;
	if (Number(t.tree_param?.size_leaf_vector ?? 1) > 1) throw fail(`${where} has vectors in its leaves`);
	const all = [t.right_children, t.split_indices, t.split_conditions, t.default_left, t.base_weights, t.sum_hessian, t.loss_changes];
	if (all.some((a) => a.length !== count)) throw fail(`${where} is damaged`);
	const sets = new Map<number, number[]>();
	t.categories_nodes?.forEach((node, i) => {
		const from = t.categories_segments?.[i] ?? 0;
		const size = t.categories_sizes?.[i] ?? NaN;
		const set = (t.categories ?? []).slice(from, from + size);
		if (!(from >= 0) || set.length !== size || set.some((code) => !(Number.isInteger(code) && code >= 0)))
			throw fail(`${where} has a damaged category split`);
		sets.set(node, set);
	});
	const leaf = (n: number) => t.left_children[n] === -1;
	const place = ordered(
		count,
		(n) => (leaf(n) ? undefined : [t.left_children[n], t.right_children[n]]),
		(what) => fail(`${where}: ${what}`),
	);
	const order = Array.from(place.keys())
		.filter((n) => place[n] >= 0)
		.sort((a, b) => place[a] - place[b]);
	const tree = emptyTree();
	for (const n of order) {
		const own = addNode(tree, (leaf(n) ? t.split_conditions[n] : t.base_weights[n]) * scale, t.sum_hessian[n], t.sum_hessian[n]);
		if (leaf(n)) continue;
		const f = t.split_indices[n];
		if (!(f >= 0 && f < width)) throw fail(`${where} splits on a column that does not exist`);
		tree.feature[own] = f;
		tree.gain[own] = Number.isFinite(t.loss_changes[n]) ? t.loss_changes[n] : 0;
		const left = place[t.left_children[n]];
		const right = place[t.right_children[n]];
		const defaultLeft = +Boolean(t.default_left[n]);
		const set = sets.get(n);
		// Two places say that a split is by category.
		if (t.split_type && (t.split_type[n] === 1) !== (set !== undefined)) throw fail(`${where} has a damaged category split`);
		if (set) {
			// XGBoost lists the categories that go right, and what is not listed goes left: ours is the mirror image.
			tree.codes[own] = Uint32Array.from(set).sort();
			tree.special[own] = 1;
			tree.left[own] = right;
			tree.right[own] = left;
			tree.defaultLeft[own] = 1 - defaultLeft;
		} else {
			tree.threshold[own] = below(Math.fround(t.split_conditions[n]));
			tree.left[own] = left;
			tree.right[own] = right;
			tree.defaultLeft[own] = defaultLeft;
		}
	}
	return tree;
}

/** XGBoost rounds a value to single precision and asks whether it is below t: the largest double of which that is true. */
function below(t: number): number {
	const middle = (singleBefore(t) + t) / 2;
	return Math.fround(middle) < t ? middle : doubleBefore(middle);
}
