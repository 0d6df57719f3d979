import { MlopsError } from '../domain/errors.js';
import type { Store, Transactional } from '../store/contract.js';
import { taskById } from '../task/index.js';
import { ANSWERS, answeringOf, answersIn, canStandFor, changesForCallers, type Packaged } from './changesForCallers.js';

interface Kind {
	answers: string;
	target: string;
}

/** What the model of a run answers; undefined where the run is not in the store. */
async function kindOf(store: Pick<Transactional, 'get'>, runId: string): Promise<Kind | undefined> {
	const run = await store.get('run', runId).catch((thrown: unknown) => {
		if (MlopsError.from(thrown).code === 'store.not_found') return undefined;
		throw thrown;
	});
	return run && { answers: ANSWERS[taskById(run.body.task).output], target: run.body.target };
}

const inWords = ({ answers, target }: Kind): string => (target ? `"${target}", ${answers}` : answers);

/**
 * Versions beneath one alias stand for each other. One that answers with numbers where the stable one answers with classes does not: its
 * callers would get what they cannot read, and no guard has anything to compare.
 * @throws `rollout.refused`
 */
export async function refuseOtherAnswers(
	store: Pick<Transactional, 'get' | 'find'>,
	modelName: string,
	stable: number,
	candidates: ReadonlyArray<{ runId: string }>,
): Promise<void> {
	const record = await store.find('modelVersion', modelName, stable);
	const known = record && (await kindOf(store, record.body.runId));
	if (!known) return;
	for (const { runId } of candidates) {
		const kind = await kindOf(store, runId);
		if (!kind || kind.answers === known.answers) continue;
		throw new MlopsError(
			'rollout.refused',
			`The new version answers with another kind of thing (${inWords(kind)}) than version ${stable} of "${modelName}" ` +
				`(${inWords(known)}): callers of one cannot read the other, and they cannot be compared.`,
			{ remedy: 'Register it under a name of its own.' },
		);
	}
}

/**
 * What is another thing for callers who get a candidate, each in a sentence. Callers may well send a new column before the version that
 * needs it is let in, so that is said, and not refused.
 * @throws `rollout.refused` where the candidate knows none of the stable version's classes
 */
export async function changesBeside(
	store: Pick<Transactional, 'find' | 'get'>,
	files: Pick<Store, 'artifacts'>,
	{ model, stable }: { model: string; stable: number },
	candidates: readonly Packaged[],
): Promise<string[]> {
	const record = await store.find('modelVersion', model, stable);
	const known = record && (await answeringOf(store, files, record.body));
	if (!known) return [];
	const changes = new Set<string>();
	for (const candidate of candidates) {
		const answering = await answeringOf(store, files, candidate);
		if (!answering) continue;
		if (!canStandFor(known, answering))
			throw new MlopsError(
				'rollout.refused',
				`The new version answers ${answersIn(answering)}, and version ${stable} of "${model}" ${answersIn(known)}: ` +
					'callers of one cannot read the other, and they cannot be compared.',
				{ remedy: 'Register it under a name of its own.' },
			);
		for (const sentence of changesForCallers(known, answering)) changes.add(sentence);
	}
	return [...changes];
}
