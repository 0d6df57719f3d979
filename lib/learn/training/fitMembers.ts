import { stopAsked } from '../../domain/cancel.js';
import type { TaskType } from '../../domain/column.js';
import { encodedNames } from '../../recipe/encode.js';
import { joinEncoders } from '../../recipe/joinEncoders.js';
import type { FitContext } from '../contract.js';
import { calibrated, type Calibration } from '../ensemble/answerCalibration.js';
import { ensembleState, type EnsembleMember, type EnsembleParams } from '../ensemble/ensembleLearner.js';
import { ENSEMBLE, learnerById } from '../learners/index.js';
import type { Chosen } from './choose.js';
import type { Encodings, Prepared } from './prepare.js';
import { fitLearner, settledParams, type Trial } from './trial.js';

/** Seeds of one member's fits lie so far apart. */
const SEED_STEP = 7919;

/** Fits a learner, or the members of an ensemble, on prepared rows. @throws `learn.memory` and what learners throw */
export const fitChosen = (
	{ learner, params }: Chosen,
	task: TaskType,
	prepared: Prepared,
	encodings: Encodings,
	context: FitContext,
): Promise<Trial> =>
	learner === ENSEMBLE
		? fitMembers(params as EnsembleParams, task, prepared, encodings, context)
		: fitLearner(learner, params, task, prepared, encodings, context);

interface Kept {
	member: EnsembleMember;
	/** One for each time that it was fitted. */
	trials: [Trial, ...Trial[]];
}

/**
 * Fits the members of an ensemble, the heaviest first, and makes one state of them. Where a fit was cut short, or none was begun, since
 * time was over, that member is left out and the others share its weight; the first one stays. Members that are to be fitted several times
 * come again once each was fitted.
 */
async function fitMembers(
	{ members, calibration }: EnsembleParams,
	task: TaskType,
	prepared: Prepared,
	encodings: Encodings,
	context: FitContext,
): Promise<Trial> {
	const fit = async ({ learner, params }: EnsembleMember, repeat: number): Promise<Trial> =>
		await fitLearner(learnerById(learner), params, task, prepared, encodings, { ...context, seed: context.seed + repeat * SEED_STEP });
	const kept: Kept[] = [];
	for (const member of [...members].sort((a, b) => b.weight - a.weight)) {
		if (kept.length && stopAsked(context, 'The training')) break;
		const trial = await fit(member, 0);
		if (kept.length && trial.fitted.stopped === 'cancelled') break;
		kept.push({ member, trials: [trial] });
	}
	if (kept.length < members.length)
		context.note(
			'learn.members_left_out',
			`${members.length - kept.length} of ${members.length} members of the ensemble were left out, since the time was over.`,
		);
	await fitAgain(kept, fit, context);
	const total = kept.reduce((sum, { member }) => sum + member.weight, 0);
	const { encoder, picks } = joinEncoders(kept.map(({ trials }) => trials[0].encoder));
	const { outputs, scores } = kept[0].trials[0];
	const mean = new Float64Array(scores.length);
	const parts = kept.flatMap(({ member, trials }, m) =>
		trials.map((trial) => ({ learner: member.learner, weight: member.weight / total / trials.length, picks: picks[m], trial })),
	);
	for (const { weight, trial } of parts) for (let i = 0, n = mean.length; i < n; i++) mean[i] += weight * trial.scores[i];
	const state = ensembleState(
		encodedNames(encoder),
		outputs,
		parts.map(({ trial, ...part }) => ({ ...part, names: encodedNames(trial.encoder), state: trial.fitted.state })),
		calibration,
	);
	// Of fits again and again the first one tells: the others took as long, but for a few rows a second.
	const said = (what: (fitted: Trial['fitted']) => string | undefined, by: string): string | undefined =>
		[...new Set(kept.flatMap(({ trials }) => what(trials[0].fitted) ?? []))].join(by) || undefined;
	const settled: EnsembleParams = {
		members: kept.map(({ member: { learner, params, weight }, trials }) => ({
			learner,
			params: settledParams(learnerById(learner), params, trials[0].fitted) as Record<string, unknown>,
			weight: weight / total,
			...(trials.length > 1 ? { repeats: trials.length } : {}),
		})),
		...(calibration ? { calibration } : {}),
	};
	return {
		fitted: {
			state,
			// Without lesser members it is whole; with half of the heaviest it is not.
			stopped: kept[0].trials[0].fitted.stopped === 'cancelled' ? 'cancelled' : 'done',
			backend: said(({ backend }) => backend, ', ') as string,
			computedOn: said(({ computedOn: on }) => on, ' '),
		},
		encoder,
		outputs,
		scores: calibrated(mean, outputs, calibration),
		seconds: parts.reduce((sum, { trial }) => sum + trial.seconds, 0),
		settled,
	};
}

/**
 * A fitted model whose probabilities are put right from now on; a learner alone becomes an ensemble of one.
 * @param scores of the validation rows, as they are judged then
 */
export function putRight({ learner, params }: Chosen, trial: Trial, how: Calibration, scores: Float64Array): Chosen & { trial: Trial } {
	if (learner === ENSEMBLE) {
		const { state } = trial.fitted;
		const fitted = { ...trial.fitted, state: { ...state, meta: { ...state.meta, calibration: how } } };
		const settled = { ...(trial.settled as EnsembleParams), calibration: how };
		return { learner, params: { ...(params as EnsembleParams), calibration: how }, trial: { ...trial, fitted, settled, scores } };
	}
	const { encoder, picks } = joinEncoders([trial.encoder]);
	const member = { learner: learner.id, weight: 1, picks: picks[0], names: encodedNames(trial.encoder), state: trial.fitted.state };
	const fitted = { ...trial.fitted, state: ensembleState(encodedNames(encoder), trial.outputs, [member], how) };
	const ofOne = (own: unknown): EnsembleParams => ({
		members: [{ learner: learner.id, params: own as Record<string, unknown>, weight: 1 }],
		calibration: how,
	});
	const settled = ofOne(settledParams(learner, params, trial.fitted));
	return { learner: ENSEMBLE, params: ofOne(params), trial: { ...trial, fitted, encoder, settled, scores } };
}

/** Fits members once more, all in turn, as often as they are to be fitted and there is time for. */
async function fitAgain(kept: readonly Kept[], fit: (member: EnsembleMember, repeat: number) => Promise<Trial>, context: FitContext) {
	const wanted = Math.max(...kept.map(({ member }) => member.repeats ?? 1));
	for (let repeat = 1; repeat < wanted; repeat++) {
		for (const { member, trials } of kept) {
			if ((member.repeats ?? 1) <= repeat) continue;
			const trial = stopAsked(context, 'The training') ? undefined : await fit(member, repeat);
			if (trial && trial.fitted.stopped !== 'cancelled') {
				trials.push(trial);
				continue;
			}
			context.note('learn.fewer_repeats', `There was no time to fit each model ${wanted} times, as was planned.`);
			return;
		}
	}
}
