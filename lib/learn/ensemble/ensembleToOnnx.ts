import { MlopsError } from '../../domain/errors.js';
import { checkColumns, modelInvalid } from '../check.js';
import type { Learner, State } from '../contract.js';
import { INPUT, OUTPUT, within, type Graph, type GraphColumn } from '../onnx/graph.js';
import { Growing } from '../onnx/growing.js';
import { EDGE, KEPT, type Calibration } from './answerCalibration.js';

interface Fitted {
	learner: Learner;
	state: State;
	weight: number;
	picks: readonly number[];
	names: readonly string[];
}

interface Whole {
	columns: readonly string[];
	outputs: number;
	calibration?: Calibration;
}

/**
 * An ensemble in ONNX: of the rows each member takes its columns, then come its operations (those of member 2 begin with `2/`) and its
 * weight; all are added up, and the sum is put right as by `calibrator`.
 * @throws `learn.no_onnx` naming the members that have no such form, `learn.model_invalid`
 */
export function ensembleToOnnx({ columns, outputs, calibration: how }: Whole, members: readonly Fitted[]): Graph {
	const graph = new Growing();
	const graphs = graphsOf(members);
	const known = new Map<number, GraphColumn>();
	const shares = members.map(({ picks, names, weight }, m) => {
		const own = graphs[m];
		const called = own.columns.map(({ name }) => name);
		checkColumns(called, names);
		if (own.outputs !== outputs) throw modelInvalid('a member with another number of answers');
		own.columns.forEach((column, j) => known.set(picks[j], { ...column, name: columns[picks[j]] }));
		const { nodes, constants } = within(own, `${m}/`, graph.columns(INPUT, picks, `rows_${m}`), `answer_${m}`);
		graph.nodes.push(...nodes);
		graph.constants.push(...constants);
		return graph.add('Mul', [`answer_${m}`, graph.number(`weight_${m}`, weight)], `share_${m}`);
	});
	calibrate(graph, graph.add('Sum', shares, 'mean'), outputs, how);
	const { nodes, constants } = graph;
	return {
		name: 'ensemble',
		precision: 'double',
		// What no member takes may hold anything.
		columns: columns.map((name, j) => known.get(j) ?? { name, kind: 'number' }),
		outputs,
		gaps: graphs.some(({ gaps }) => gaps),
		means: outputs > 1 ? 'one probability a class' : 'the answer of the model package (of two classes, the probability of the second)',
		nodes,
		constants,
		metadata: {
			members: JSON.stringify(members.map(({ learner, weight }) => ({ learner: learner.id, weight }))),
			...(how ? { calibration: JSON.stringify(how) } : {}),
		},
	};
}

function graphsOf(members: readonly Fitted[]): Graph[] {
	const unable = new Set(members.flatMap(({ learner }) => (learner.onnx ? [] : [`"${learner.label}"`])));
	if (unable.size)
		throw new MlopsError(
			'learn.no_onnx',
			`This ensemble cannot be written as ONNX: its members of the kind ${[...unable].join(' and ')} have no such form.`,
			{
				expected: 'members that all have an ONNX form',
				found: members.map(({ learner }) => learner.label).join(', '),
				remedy: 'Train again with the option "One Fast Model Only", or pick a learner that can be written as ONNX.',
			},
		);
	return members.map(({ learner, state }) => learner.onnx!(state));
}

/** What `calibrator` does, in operators: from `mean` to the answer. */
function calibrate(graph: Growing, mean: string, outputs: number, how: Calibration | undefined): void {
	if (!how) graph.answer(mean, 'value');
	else if (outputs > 1) {
		if (how.kind !== 'temperature') throw modelInvalid(`a calibration of the kind ${how.kind} for several classes`);
		// p^(1/t), made to add up to one, is a softmax of ln p / t.
		const logs = graph.add('Log', [kept(graph, mean)], 'log_p');
		graph.answer(graph.add('Div', [logs, graph.number('t', how.t)], 'cooled'), 'probabilities');
	} else if (how.kind === 'isotonic') isotonic(graph, mean, how);
	else {
		// A temperature is the same slope for both.
		const { a, b, c } = how.kind === 'beta' ? how : { a: 1 / how.t, b: 1 / how.t, c: 0 };
		const p = kept(graph, mean);
		const rest = graph.add('Sub', [graph.number('one', 1), p], 'rest');
		const yes = graph.add('Mul', [graph.add('Log', [p], 'log_p'), graph.number('a', a)], 'for');
		const no = graph.add('Mul', [graph.add('Log', [rest], 'log_rest'), graph.number('b', b)], 'against');
		graph.answer(graph.add('Add', [graph.add('Sub', [yes, no], 'odds'), graph.number('c', c)], 'logit'), 'probability');
	}
}

/** Probabilities far enough from 0 and 1 for their logarithms. */
const kept = (graph: Growing, p: string): string =>
	graph.add('Clip', [p, graph.number('least', EDGE), graph.number('most', 1 - EDGE)], 'kept');

/** Straight lines between points, each from 0 to 1 as far as its piece has been gone along, times its height. */
function isotonic(graph: Growing, mean: string, { x, y }: { x: readonly number[]; y: readonly number[] }): void {
	const pieces = x.length - 1;
	const rise = (values: readonly number[]): number[] => values.slice(1).map((v, k) => v - values[k]);
	const from = graph.add('Sub', [mean, graph.numbers('points', x.slice(0, -1), [1, pieces])], 'from');
	const along = graph.add('Div', [from, graph.numbers('widths', rise(x), [1, pieces])], 'along');
	const gone = graph.add('Clip', [along, graph.number('start', 0), graph.number('end', 1)], 'gone');
	const risen = graph.add('MatMul', [gone, graph.numbers('heights', rise(y), [pieces, 1])], 'risen');
	const line = graph.add('Add', [risen, graph.number('first', y[0])], 'line');
	const most = graph.add('Mul', [line, graph.number('put_right', 1 - KEPT)], 'most_of_it');
	graph.add('Add', [most, graph.add('Mul', [mean, graph.number('as_it_was', KEPT)], 'rest_of_it')], OUTPUT);
}
