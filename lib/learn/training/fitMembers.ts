import { stopAsked } from '../../domain/cancel.js';
import type { TaskType } from '../../domain/column.js';
import { encodedNames } from '../../recipe/encode.js';
import { joinEncoders } from '../../recipe/joinEncoders.js';
import type { FitContext } from '../contract.js';
import { calibrated } from '../ensemble/answerCalibration.js';
import { ensembleState, type EnsembleParams } from '../ensemble/ensembleLearner.js';
import { ENSEMBLE, learnerById } from '../learners/index.js';
import type { Chosen } from './choose.js';
import type { Encodings, Prepared } from './prepare.js';
import { fitLearner, settledParams, type Trial } from './trial.js';

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

/**
 * Fits the members of an ensemble, the heaviest first, and makes one state of them. Where a fit was cut short, or none was begun, since
 * time was over, that member is left out and the others share its weight; the first one stays.
 */
async function fitMembers(
	{ members, calibration }: EnsembleParams,
	task: TaskType,
	prepared: Prepared,
	encodings: Encodings,
	context: FitContext,
): Promise<Trial> {
	const kept: Array<{ member: EnsembleParams['members'][number]; trial: Trial }> = [];
	for (const member of [...members].sort((a, b) => b.weight - a.weight)) {
		if (kept.length && stopAsked(context, 'The training')) break;
		const trial = await fitLearner(learnerById(member.learner), member.params, task, prepared, encodings, context);
		if (kept.length && trial.fitted.stopped === 'cancelled') break;
		kept.push({ member, trial });
	}
	if (kept.length < members.length)
		context.note(
			'learn.members_left_out',
			`${members.length - kept.length} of ${members.length} members of the ensemble were left out, since the time was over.`,
		);
	const total = kept.reduce((sum, { member }) => sum + member.weight, 0);
	const { encoder, picks } = joinEncoders(kept.map(({ trial }) => trial.encoder));
	const { outputs } = kept[0].trial;
	const mean = new Float64Array(kept[0].trial.scores.length);
	for (const { member, trial } of kept) for (let i = 0; i < mean.length; i++) mean[i] += (member.weight / total) * trial.scores[i];
	const state = ensembleState(
		encodedNames(encoder),
		outputs,
		kept.map(({ member, trial }, m) => ({
			learner: member.learner,
			weight: member.weight / total,
			picks: picks[m],
			names: encodedNames(trial.encoder),
			state: trial.fitted.state,
		})),
		calibration,
	);
	const said = (what: (fitted: Trial['fitted']) => string | undefined, by: string): string | undefined =>
		[...new Set(kept.flatMap(({ trial }) => what(trial.fitted) ?? []))].join(by) || undefined;
	const settled: EnsembleParams = {
		members: kept.map(({ member: { learner, params, weight }, trial }) => ({
			learner,
			params: settledParams(learnerById(learner), params, trial.fitted) as Record<string, unknown>,
			weight: weight / total,
		})),
		...(calibration ? { calibration } : {}),
	};
	return {
		fitted: {
			state,
			stopped: 'done',
			backend: said(({ backend }) => backend, ', ') as string,
			computedOn: said(({ computedOn: on }) => on, ' '),
		},
		encoder,
		outputs,
		scores: calibrated(mean, outputs, calibration),
		seconds: kept.reduce((sum, { trial }) => sum + trial.seconds, 0),
		settled,
	};
}
