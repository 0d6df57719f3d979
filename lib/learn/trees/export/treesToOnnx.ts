import { own } from '../../../domain/dictionary.js';
import {
	INPUT,
	MOST_BYTES,
	integerAttribute,
	integersAttribute,
	floatsAttribute,
	node,
	numbersOf,
	OUTPUT,
	tensor,
	tensorAttribute,
	textAttribute,
	textsAttribute,
	tooLarge,
	typeOf,
	type Graph,
	type Precision,
	type Steps,
} from '../../onnx/graph.js';
import type { Ensemble } from '../ensemble.js';
import { singleFloor } from '../neighbours.js';
import { addNode, emptyTree } from '../tree.js';
import { NodeTable } from './nodeTable.js';

/** A node takes up to so many bytes of a file. */
const MOST_NODES = Math.floor(MOST_BYTES / 48);

interface Link {
	nodes: Steps['nodes'];
	constants?: Steps['constants'];
	/** What the output is; else the predicted value, or one probability a class. */
	means?: string;
}

/** From raw scores (`raw`, or `raw_float` before a cast) to answers, by the loss: the operations that do what `linkOf` does. */
const LINKS: Record<string, (outputs: number, precision: Precision) => Link> = {
	forest: (outputs, precision) => (outputs === 1 ? identity() : shares(outputs, precision)),
	binary: () => ({ nodes: [node('Sigmoid', ['raw'], OUTPUT)], means: 'the probability of the second class' }),
	multiclass: () => ({ nodes: [node('Softmax', ['raw'], OUTPUT, [integerAttribute('axis', 1)])] }),
	multiclassova: () => ({ nodes: [node('Sigmoid', ['raw'], OUTPUT)] }),
	// As -log(sigmoid(-x)): ONNX Runtime has no Softplus of doubles.
	log1pexp: () => ({
		nodes: [
			node('Neg', ['raw'], 'opposite'),
			node('Sigmoid', ['opposite'], 'rest'),
			node('Log', ['rest'], 'less'),
			node('Neg', ['less'], OUTPUT),
		],
	}),
	isolation: (_, precision) => ({
		nodes: [node('Pow', ['two', 'raw'], OUTPUT)],
		constants: [tensor('two', numbersOf(precision, [2]), [1])],
		means: 'the anomaly score',
	}),
	signed_square: () => ({ nodes: [node('Abs', ['raw'], 'size'), node('Mul', ['raw', 'size'], OUTPUT)] }),
	hinge: (_, precision) => ({
		nodes: [node('Greater', ['raw', 'none'], 'class'), node('Cast', ['class'], OUTPUT, [integerAttribute('to', typeOf(precision))])],
		constants: [tensor('none', numbersOf(precision, [0]), [1])],
	}),
	...Object.fromEntries(['poisson', 'gamma', 'tweedie', 'exp'].map((id) => [id, () => ({ nodes: [node('Exp', ['raw'], OUTPUT)] })])),
	...Object.fromEntries(['regression', 'regression_l1', 'huber', 'quantile', 'raw'].map((id) => [id, identity])),
};

function identity() {
	return { nodes: [node('Identity', ['raw'], OUTPUT)] };
}

/** Shares of a forest: what is below zero counts as none, and the rest adds up to one. */
function shares(outputs: number, precision: Precision) {
	return {
		nodes: [
			node('Relu', ['raw'], 'votes'),
			node('ReduceSum', ['votes', 'classes'], 'all_votes', [integerAttribute('keepdims', 1)]),
			node('Div', ['votes', 'all_votes'], 'shares'),
			node('Greater', ['all_votes', 'none'], 'any'),
			node('Where', ['any', 'shares', 'equal'], OUTPUT),
		],
		constants: [
			tensor('classes', BigInt64Array.of(1n), [1]),
			tensor('none', numbersOf(precision, [0]), [1]),
			tensor('equal', numbersOf(precision, [1 / outputs]), [1]),
		],
	};
}

/** @param scale of the leaves: a forest's answer is the mean of its trees */
function ensembleNode(table: NodeTable, initial: number[], outputs: number, scale: number, precision: Precision): Steps['nodes'][number] {
	const leaves = Array.from(table.leaf.keys()).filter((i) => table.leaf[i]);
	const numbers = (name: string, values: number[]) =>
		precision === 'double'
			? tensorAttribute(`${name}_as_tensor`, Float64Array.from(values))
			: floatsAttribute(name, Float32Array.from(values));
	return node(
		'TreeEnsembleRegressor',
		[INPUT],
		precision === 'double' ? 'raw_float' : 'raw',
		[
			integerAttribute('n_targets', outputs),
			textAttribute('aggregate_function', 'SUM'),
			textAttribute('post_transform', 'NONE'),
			numbers('base_values', initial),
			integersAttribute('nodes_treeids', table.tree),
			integersAttribute('nodes_nodeids', table.id),
			integersAttribute('nodes_featureids', table.feature),
			textsAttribute(
				'nodes_modes',
				table.leaf.map((leaf) => (leaf ? 'LEAF' : 'BRANCH_LEQ')),
			),
			numbers(
				'nodes_values',
				table.value.map((v, i) => (table.leaf[i] ? 0 : v)),
			),
			integersAttribute('nodes_truenodeids', table.whenTrue),
			integersAttribute('nodes_falsenodeids', table.whenFalse),
			integersAttribute('nodes_missing_value_tracks_true', table.missingTrue),
			integersAttribute(
				'target_treeids',
				leaves.map((i) => table.tree[i]),
			),
			integersAttribute(
				'target_nodeids',
				leaves.map((i) => table.id[i]),
			),
			integersAttribute(
				'target_ids',
				leaves.map((i) => table.tree[i] % outputs),
			),
			numbers(
				'target_weights',
				leaves.map((i) => table.value[i] * scale),
			),
		],
		'ai.onnx.ml',
	);
}

/**
 * The model in ONNX (TreeEnsembleRegressor, ai.onnx.ml 3, and the link). Input `input`: rows x columns in the order of the model,
 * categories as their codes (0 missing, 1 unseen), NaN for a missing number. Output `prediction`: rows x outputs as our own predictor gives
 * them: for two classes the probability of the second.
 *
 * With `double` inputs (the default) each row reaches the leaves it reaches here. With `float` inputs too, for values that are floats: a
 * threshold becomes the largest float not above it. A double that a caller rounds to a float may cross a threshold by that, as dates in
 * milliseconds do. Raw scores are single precision in either case, since the operator gives no others.
 * @throws `learn.parameter_invalid` when the file would be larger than ONNX allows
 */
export function treesToOnnx(model: Ensemble, precision: Precision = 'double'): Graph {
	const { trees, outputs, columns, initial, average, loss } = model;
	const scale = average ? outputs / Math.max(1, trees.length) : 1;
	const table = new NodeTable(columns, precision === 'double' ? (v) => v : singleFloor);
	for (const tree of trees) {
		table.add(tree);
		if (table.id.length > MOST_NODES) throw tooLarge(`at most ${MOST_NODES} nodes`);
	}
	// The operator wants at least one tree.
	if (trees.length === 0) {
		const none = emptyTree();
		addNode(none, 0, 0, 0);
		table.add(none);
	}
	const link = own(LINKS, loss)!(outputs, precision);
	return {
		name: 'trees',
		precision,
		columns: columns.map((c) => (c.kind === 'category' ? { name: c.name, kind: c.kind, levels: c.levels } : c)),
		outputs,
		gaps: true,
		means: outputs > 1 ? 'one probability a class' : (link.means ?? 'the predicted value'),
		nodes: [
			ensembleNode(table, initial, outputs, scale, precision),
			...(precision === 'double' ? [node('Cast', ['raw_float'], 'raw', [integerAttribute('to', typeOf(precision))])] : []),
			...link.nodes,
		],
		constants: link.constants ?? [],
		metadata: { loss },
	};
}
