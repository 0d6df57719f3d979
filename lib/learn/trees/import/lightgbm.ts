import { z } from 'zod/v4';
import { own } from '../../../domain/dictionary.js';
import type { Output } from '../../../task/contract.js';
import { addNode, emptyTree, type Tree } from '../tree.js';
import type { Foreign } from './foreign.js';
import { checked, interleave, numbered, ordered, refuse } from './shared.js';
import { cutText } from '../../../domain/text.js';

const fail = (what: string, remedy?: string) => refuse('LightGBM', what, remedy);

/** How LightGBM's objectives turn raw scores into answers, by our names, and what these are. */
const LINKS: Record<string, readonly [loss: string, output?: Output]> = {
	binary: ['binary', 'probability'],
	cross_entropy: ['binary', 'value'],
	xentropy: ['binary', 'value'],
	cross_entropy_lambda: ['log1pexp', 'value'],
	xentlambda: ['log1pexp', 'value'],
	multiclass: ['multiclass', 'probabilities'],
	multiclassova: ['multiclassova', 'probabilities'],
	regression: ['regression', 'value'],
	regression_l1: ['regression_l1', 'value'],
	huber: ['huber', 'value'],
	fair: ['raw', 'value'],
	quantile: ['quantile', 'value'],
	mape: ['raw', 'value'],
	poisson: ['poisson', 'value'],
	gamma: ['gamma', 'value'],
	tweedie: ['tweedie', 'value'],
	lambdarank: ['raw'],
	rank_xendcg: ['raw'],
	// An objective of somebody's own: the file does not say what its scores are.
	custom: ['raw'],
};

/**
 * Reads LightGBM's text format (`booster.save_model`): numeric and categorical splits, all three ways of missing values, several classes,
 * DART and random-forest models. All columns are numbers, categories LightGBM's own non-negative integers; what these stood for is in the
 * file where the model was trained on a pandas table. @throws `learn.model_invalid`
 */
export function fromLightgbm(text: string): Foreign {
	const [head, ...blocks] = text.split(/^Tree=\d+\s*$/m);
	if (!/^tree\s*$/m.test(cutText(head, 200)))
		throw fail('it does not begin as a LightGBM text model', 'Save it with booster.save_model("model.txt").');
	const header = fields(head);
	const outputs = Number(header.get('num_tree_per_iteration') ?? 1);
	const width = Number(header.get('max_feature_idx') ?? NaN) + 1;
	if (!(Number.isInteger(outputs) && outputs >= 1 && outputs <= blocks.length) || !(Number.isInteger(width) && width >= 1))
		throw fail('its header has no columns or no classes, or it has no trees');
	const sizes = header.get('tree_sizes');
	if (sizes !== undefined && sizes.split(' ').length !== blocks.length) throw fail('trees are missing');
	if (!/^end of trees/m.test(blocks[blocks.length - 1] ?? '')) throw fail('it is cut off: the end of the trees is missing');
	const [objective, ...options] = (header.get('objective') ?? 'custom').split(' ');
	const [loss, output] = own(LINKS, objective) ?? [];
	if (!loss) throw fail(`its objective "${[objective, ...options].join(' ')}" is not supported`);
	const sigmoid = Number(options.find((o) => o.startsWith('sigmoid:'))?.slice(8) ?? 1);
	const names = header.get('feature_names')?.split(' ');
	if (names?.length !== width) throw fail('its header does not name each column');
	const trees = blocks.map((block, i) => readTree(fields(block), i, width, sigmoid));
	const categorical = categoricalColumns(header, text, width);
	return {
		program: 'LightGBM',
		objective,
		output,
		named: !names.every((name, i) => name === `Column_${i}`),
		categorical,
		categories: categoriesOf(text, categorical, header),
		model: checked({
			loss: options.includes('sqrt') && loss === 'regression' ? 'signed_square' : loss,
			outputs,
			initial: new Array<number>(outputs).fill(0),
			average: /^average_output\s*$/m.test(head),
			trees: interleave(trees, (i) => i % outputs, outputs, fail),
			columns: numbered(names, width),
		}),
	};
}

/** Which columns hold categories: those that the parameters behind the trees name, or whose values are listed instead of their range. */
function categoricalColumns(header: Map<string, string>, text: string, width: number): boolean[] {
	const listed = /^\[categorical_feature: ([\d,]*)\]$/m.exec(text)?.[1];
	if (listed !== undefined) {
		const places = new Set(listed.split(',').filter(Boolean).map(Number));
		return Array.from({ length: width }, (_, i) => places.has(i));
	}
	const infos = header.get('feature_infos')?.split(' ') ?? [];
	return Array.from({ length: width }, (_, i) => /^-?\d+(:-?\d+)*$/.test(infos[i] ?? ''));
}

/**
 * The categories of a pandas table's columns, in the order of their codes. The file has one list for each such column, but not its name.
 * @throws `learn.model_invalid` where the lists cannot be those of the columns that the model divides by category
 */
function categoriesOf(text: string, categorical: readonly boolean[], header: Map<string, string>): Foreign['categories'] {
	const none = categorical.map(() => undefined);
	const written = /^pandas_categorical:(.*)$/m.exec(text)?.[1];
	if (written === undefined || written.trim() === 'null') return none;
	let parsed: unknown;
	try {
		parsed = JSON.parse(written);
	} catch {
		throw fail('its list of categories is damaged');
	}
	const lists = z.array(z.array(z.union([z.string(), z.number(), z.boolean()]))).safeParse(parsed);
	if (!lists.success) throw fail('its categories are neither texts nor numbers', 'Turn them into texts before training.');
	if (lists.data.length === 0) return none;
	const infos = header.get('feature_infos')?.split(' ') ?? [];
	const rest = [...lists.data];
	const found = categorical.map((is) => (is ? rest.shift() : undefined));
	const fits = found.every((list, i) => {
		const codes = list && infos[i] !== 'none' ? (infos[i] ?? '').split(':').map(Number) : [];
		return codes.every((code) => !(code >= list!.length));
	});
	if (rest.length || categorical.filter(Boolean).length !== lists.data.length || !fits)
		throw fail(
			'it does not say which of its columns the categories of its pandas table belong to',
			'Train with categorical_feature="auto", so that the columns of the type "category" are those that are divided by category.',
		);
	return found;
}

/** Lines `name=value`. After the last tree LightGBM writes its parameters and importances, which are none of them. */
function fields(block: string): Map<string, string> {
	const out = new Map<string, string>();
	for (const line of block.split(/^end of trees/m, 1)[0].split('\n')) {
		const at = line.indexOf('=');
		if (at <= 0) continue;
		if (out.has(line.slice(0, at))) throw fail(`it says "${line.slice(0, at)}" twice`);
		out.set(line.slice(0, at), line.slice(at + 1).trim());
	}
	return out;
}

function readTree(f: Map<string, string>, index: number, width: number, scale: number): Tree {
	const where = `tree ${index + 1}`;
	const list = (name: string, length: number): number[] => {
		// A split of missing values from all others has an infinite threshold.
		const values = (f.get(name) ?? '')
			.split(' ')
			.filter(Boolean)
			.map((word) => (name === 'threshold' && word.endsWith('inf') ? (word.startsWith('-') ? -Infinity : Infinity) : Number(word)));
		if (values.length !== length || values.some(Number.isNaN)) throw fail(`${where} has a damaged "${name}"`);
		return values;
	};
	const optional = (name: string, length: number): number[] =>
		f.has(name) && f.get(name) !== '' ? list(name, length) : new Array<number>(length).fill(0);
	if (f.get('is_linear') === '1' || f.has('leaf_const'))
		throw fail(`${where} has linear leaves, which are not supported`, 'Train with linear_tree=false.');
	const leaves = Number(f.get('num_leaves'));
	if (!Number.isInteger(leaves) || leaves < 1) throw fail(`${where} has no leaves`);
	const inner = leaves - 1;
	const value = list('leaf_value', leaves);
	const weight = optional('leaf_weight', leaves);
	const count = optional('leaf_count', leaves);
	const tree = emptyTree();
	if (inner === 0) {
		addNode(tree, value[0] * scale, weight[0], count[0]);
		return tree;
	}
	const feature = list('split_feature', inner);
	const threshold = list('threshold', inner);
	const decision = list('decision_type', inner);
	const left = list('left_child', inner);
	const right = list('right_child', inner);
	const gain = optional('split_gain', inner);
	const innerValue = optional('internal_value', inner);
	const innerWeight = optional('internal_weight', inner);
	const innerCount = optional('internal_count', inner);
	const categories = Number(f.get('num_cat') ?? 0);
	const bounds = categories ? list('cat_boundaries', categories + 1) : [];
	const words = categories ? list('cat_threshold', bounds[categories]) : [];
	// LightGBM numbers inner nodes from 0 and leaf k as ~k; ours follow one another.
	const node = (child: number) => (child >= 0 ? child : inner + ~child);
	const place = ordered(
		inner + leaves,
		(n) => (n < inner ? [node(left[n]), node(right[n])] : undefined),
		(what) => fail(`${where}: ${what}`),
	);
	const at = Array.from(place.keys())
		.filter((n) => place[n] >= 0)
		.sort((a, b) => place[a] - place[b]);
	if (at.length !== inner + leaves) throw fail(`${where} has nodes that cannot be reached`);
	for (const n of at) {
		if (n >= inner) {
			addNode(tree, value[n - inner] * scale, weight[n - inner], count[n - inner]);
			continue;
		}
		if (!(feature[n] >= 0 && feature[n] < width)) throw fail(`${where} splits on a column that does not exist`);
		const own = addNode(tree, innerValue[n] * scale, innerWeight[n], innerCount[n]);
		tree.feature[own] = feature[n];
		tree.left[own] = place[node(left[n])];
		tree.right[own] = place[node(right[n])];
		tree.gain[own] = gain[n];
		if (decision[n] & 1) {
			const k = threshold[n];
			if (!(Number.isInteger(k) && k >= 0 && k < categories)) throw fail(`${where} has a damaged category split`);
			const set: number[] = [];
			if (!(bounds[k] >= 0 && bounds[k] <= bounds[k + 1] && bounds[k + 1] <= words.length))
				throw fail(`${where} has a damaged category split`);
			for (let w = bounds[k]; w < bounds[k + 1]; w++)
				for (let b = 0; b < 32; b++) if ((words[w] >>> b) & 1) set.push((w - bounds[k]) * 32 + b);
			tree.codes[own] = Uint32Array.from(set);
			tree.special[own] = 1;
			continue;
		}
		const defaultLeft = (decision[n] >> 1) & 1;
		const missing = (decision[n] >> 2) & 3;
		tree.threshold[own] = Math.min(Number.MAX_VALUE, Math.max(-Number.MAX_VALUE, threshold[n]));
		// Without missing values in training, LightGBM takes NaN for zero.
		tree.defaultLeft[own] = missing === 0 ? +(0 <= threshold[n]) : defaultLeft;
		tree.special[own] = +(missing === 1);
	}
	return tree;
}
