import { withDuck } from '../data/duck.js';
import type { AskedWith } from '../data/truth/requestIds.js';
import { lookUpTruths, type AskedTruth, type KnownTruth } from '../data/truth/resolve.js';
import { MlopsError } from '../domain/errors.js';
import type { Store } from '../store/contract.js';
import { readError } from '../store/files.js';
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
	const told = [...piece];
	const unclear = new Map<number, MlopsError>();
	const meant = (n: number, askedWith: readonly AskedWith[]): string | undefined => {
		const answer = answerMeant(told[n], askedWith, work);
		if (answer instanceof MlopsError) unclear.set(n, answer);
		else if (answer !== undefined) told[n] = { ...told[n], id: answer };
		return answer instanceof MlopsError ? undefined : answer;
	};
	const known = await withDuck({}, async (duck) => {
		const asked = piece.map((truth) => asAsked(truth, work));
		return await lookUpTruths(duck, work.store.log, asked, meant);
	}).catch((error: unknown) => {
		throw readError(error);
	});
	return known.map((one, n) => ({ truth: told[n], known: unclear.get(n) ?? one }));
}

/** The id of the one answer that is meant, if one is; or why it cannot be said which. */
function answerMeant(truth: CheckedTruth, askedWith: readonly AskedWith[], work: Asking): string | MlopsError | undefined {
	const { model } = asAsked(truth, work);
	const mine = askedWith.filter((of) => (model === undefined || of.model === model) && (work.models?.includes(of.model) ?? true));
	const answers = mine.reduce((sum, of) => sum + of.answers, 0);
	if (answers <= 1) return mine[0]?.first;
	return invalidTruth(
		truth.row,
		truth.columns.id,
		truth.id,
		`an id that means one answer: ${answers.toLocaleString('en')} were asked with this one` +
			`${mine.length > 1 ? `, of the models ${mine.map((of) => of.model).join(', ')}` : ''}. ` +
			`Each has an id of its own, such as ${mine[0].last}`,
	);
}
