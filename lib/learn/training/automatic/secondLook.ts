import { MlopsError } from '../../../domain/errors.js';
import { mulberry32 } from '../../../domain/random.js';
import { DOUBTS, type MetricValues } from '../../../domain/run.js';
import { metricsFor } from '../../../task/measure.js';
import { metricById } from '../../../task/metrics/index.js';
import type { EnsembleParams } from '../../ensemble/ensembleLearner.js';
import { ENSEMBLE, LEARNERS } from '../../learners/index.js';
import type { Chosen, Found } from '../choose.js';
import { crossValidate } from '../crossValidate.js';
import type { Judged } from '../fitModel.js';
import type { TrainingLog } from '../log.js';
import type { Plan } from '../plan.js';
import { goodness } from '../trial.js';
import type { Budget } from './budget.js';
import { within } from './within.js';

/** Choosing among many, and stopping where the same rows like it best, makes leads of up to so many standard errors of nothing. */
const BEYOND_DOUBT = 8;
/** Standard errors that it has to lead by when it is looked at again. */
const CLEAR = 2;
const FOLDS = 5;
/** Divisions into folds have this seed and the training's together, so that they are others than those that chose. */
const SEED = 104_729;
/** Share of what is left that it may take: the fits that follow want the rest. */
const SHARE = 0.3;
/** Samples that a standard error is found by, of so many rows at most. */
const SAMPLES = 60;
const SAMPLED = 2000;

interface Look {
	plan: Plan;
	found: Found;
	settled: Chosen;
	judged: Judged;
	threshold: number;
}

/**
 * Of many models that were compared on few rows the best looks better than guessing though there is nothing to be known (Varma and Simon
 * 2006; Tsamardinos, Greasidou and Borboudakis 2018): candidates were chosen, and stopped learning, where these rows liked it. Where the
 * lead over the baseline could be that, what was found is learned anew with fixed rounds on other divisions of the rows, and if it does not
 * clearly lead there, people are told. What is left of the budget bounds it. Changes nothing in the model.
 */
export async function secondLook(look: Look, log: TrainingLog, budget: Budget, stop: () => boolean): Promise<void> {
	const { plan, found, judged } = look;
	const { leaderboard, rankedBy } = found;
	const guess = leaderboard.find(({ learner, failed }) => !failed && LEARNERS.some((l) => l.id === learner && l.baseline));
	if (!found.judged || !guess || found.learner.baseline || stop()) return;
	const before = leadOf(look, judged);
	if (before.lead > BEYOND_DOUBT * before.error) return;
	const label = metricById(rankedBy)?.label ?? rankedBy;
	const tried = leaderboard.filter((row) => !row.failed && row !== guess).length;
	const chosen = `chosen among ${tried} models it has ${label} ${figure(before.value)} on the rows that it was chosen by`;
	const guessing = `guessing ${figure(guess.metrics[rankedBy])}`;
	const doubt = (code: string, text: string): void =>
		log.note(code, `What was found may say no more about "${plan.target.name}" than ${text}`);
	if (found.fitSeconds * (FOLDS - 1) > SHARE * budget.left()) {
		doubt(
			DOUBTS.unseen,
			`guessing does: ${chosen}, which flatters, and ${guessing}. No time was left to learn it anew on other divisions of the rows: ` +
				'a longer time budget does, and Evaluate asks rows that had no part in it.',
		);
		return;
	}
	const again = await onOtherFolds(look, log, budget);
	if (!again?.rows.length || stop()) return;
	const after = leadOf(look, again);
	if (after.lead > CLEAR * after.error) return;
	doubt(
		DOUBTS.guessing,
		`guessing does: ${chosen}, learned anew on other divisions of these rows ${figure(after.value)}, and ${guessing}. More rows, or ` +
			'columns that know more, may help; Evaluate asks rows that had no part in it.',
	);
}

/** The metric that ranks, how much better it is than that of guessing for the same rows, and the standard error of that. */
interface Lead {
	value: number;
	lead: number;
	error: number;
}

/** Guessing is the share of each class, or the mean; the error is found from rows drawn again (Efron 1979). */
function leadOf({ plan: { target }, found: { rankedBy }, threshold }: Look, { y, scores, outputs }: Judged): Lead {
	const guess = guessOf(y, target.classes.length, outputs);
	const measured = (rows: Uint32Array): { value: number; lead: number } => {
		const truth = Float64Array.from(rows, (row) => y[row]);
		const of = (answers: (row: number, output: number) => number): MetricValues => {
			const filled = new Float64Array(rows.length * outputs);
			for (const [i, row] of rows.entries()) for (let c = 0; c < outputs; c++) filled[i * outputs + c] = answers(row, c);
			return metricsFor(target.task, truth, filled, target.classes.length, { only: [rankedBy], threshold });
		};
		const own = of((row, c) => scores[row * outputs + c]);
		return {
			value: own[rankedBy],
			lead:
				goodness(rankedBy, own) -
				goodness(
					rankedBy,
					of((_, c) => guess[c]),
				),
		};
	};
	const count = y.length;
	const size = Math.min(count, SAMPLED);
	const random = mulberry32(SEED);
	const leads = Array.from(
		{ length: SAMPLES },
		() => measured(Uint32Array.from({ length: size }, () => Math.floor(random() * count))).lead,
	).filter(Number.isFinite);
	const mean = leads.reduce((a, b) => a + b, 0) / leads.length;
	const variance = leads.reduce((sum, v) => sum + (v - mean) ** 2, 0) / leads.length;
	return { ...measured(Uint32Array.from({ length: count }, (_, i) => i)), error: Math.sqrt((variance * size) / count) };
}

function guessOf(y: Float64Array, classes: number, outputs: number): Float64Array {
	const share = (of: number): number => y.reduce((n, v) => n + Number(v === of), 0) / y.length;
	if (classes === 0) return Float64Array.of(y.reduce((a, b) => a + b, 0) / y.length);
	return outputs === 1 ? Float64Array.of(share(1)) : Float64Array.from({ length: outputs }, (_, c) => share(c));
}

/**
 * What is answered out of other folds; nothing where the rows cannot be divided. Fits that take twice the time that was foretold end it:
 * then the folds before them tell.
 */
async function onOtherFolds({ plan, settled, threshold }: Look, log: TrainingLog, budget: Budget): Promise<Judged | undefined> {
	const end = (1 - 2 * SHARE) * budget.left();
	const context = within(log.fitContext(0.78, 0.85, false), () => budget.left() - end);
	const spec = { ...plan.spec, crossValidation: FOLDS, seed: plan.spec.seed + SEED };
	const rows: number[] = [];
	const scores: number[] = [];
	try {
		await log.timed('second look', () =>
			crossValidate({ ...plan, spec }, once(settled), threshold, context, (own, answers) => {
				rows.push(...own);
				scores.push(...answers);
			}),
		);
	} catch (thrown) {
		if (MlopsError.from(thrown).code === 'learn.too_few_rows') return undefined;
		throw thrown;
	}
	const y = Float64Array.from(rows, (row) => plan.target.y[row]);
	return { rows: Uint32Array.from(rows), y, scores: Float64Array.from(scores), outputs: scores.length / rows.length };
}

/** Each member fitted once. */
function once({ learner, params }: Chosen): Chosen {
	if (learner !== ENSEMBLE) return { learner, params };
	const { members, ...rest } = params as EnsembleParams;
	return { learner, params: { ...rest, members: members.map(({ repeats: _repeats, ...member }) => member) } };
}

const figure = (value: number): string => String(Number(value.toPrecision(4)));
