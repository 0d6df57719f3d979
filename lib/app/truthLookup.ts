import { withDuck } from '../data/duck.js';
import { answersAskedWith, type AskedWith } from '../data/truth/requestIds.js';
import { lookUpTruths, type AskedTruth, type KnownTruth } from '../data/truth/resolve.js';
import type { MlopsError } from '../domain/errors.js';
import type { Store } from '../store/contract.js';
import { invalidTruth, type CheckedTruth } from './truthRows.js';

interface Asking {
	store: Pick<Store, 'log'>;
	/** The models that whoever tells may speak of; absent: all. */
	models: readonly string[] | undefined;
}

/** Who may speak of one model alone means that one. */
export const asAsked = ({ id, key, time, told, model }: CheckedTruth, { models }: Pick<Asking, 'models'>): AskedTruth => ({
	id,
	key,
	time,
	told,
	model: model ?? (models?.length === 1 ? models[0] : undefined),
});

/** A truth, and what the log knows of it; or why it cannot be said which answer is meant. */
export interface LookedUp {
	truth: CheckedTruth;
	known: KnownTruth | MlopsError;
}

/** An id that no answer has may be the caller's own: then the one answer that was asked with it is meant. */
export async function lookUp(piece: readonly CheckedTruth[], work: Asking): Promise<LookedUp[]> {
	const { log } = work.store;
	return await withDuck({}, async (duck) => {
		const known = async (truths: readonly CheckedTruth[]): Promise<KnownTruth[]> =>
			await lookUpTruths(
				duck,
				log,
				truths.map((truth) => asAsked(truth, work)),
			);
		const found: LookedUp[] = (await known(piece)).map((one, i) => ({ truth: piece[i], known: one }));
		const others = found.filter(({ truth, known: one }) => truth.id !== undefined && !(one as KnownTruth).answer);
		const askedWith = await answersAskedWith(
			duck,
			log,
			others.map(({ truth }) => truth.id!),
		);
		const meant = others.filter((one) => nameAnswer(one, askedWith.get(one.truth.id!) ?? [], work));
		for (const [i, one] of (await known(meant.map(({ truth }) => truth))).entries()) meant[i].known = one;
		return found;
	});
}

/** Whether one answer is meant: then the truth is told by that one's own id. */
function nameAnswer(one: LookedUp, askedWith: readonly AskedWith[], work: Asking): boolean {
	const { truth } = one;
	const { model } = asAsked(truth, work);
	const mine = askedWith.filter((of) => (model === undefined || of.model === model) && (work.models?.includes(of.model) ?? true));
	const answers = mine.reduce((sum, of) => sum + of.answers, 0);
	if (answers === 1) one.truth = { ...truth, id: mine[0].first };
	else if (answers > 1)
		one.known = invalidTruth(
			truth.row,
			truth.columns.id,
			truth.id,
			`an id that means one answer: ${answers.toLocaleString('en')} were asked with this one` +
				`${mine.length > 1 ? `, of the models ${mine.map((of) => of.model).join(', ')}` : ''}. ` +
				`Each has an id of its own, such as ${mine[0].last}`,
		);
	return answers === 1;
}
