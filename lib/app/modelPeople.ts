import { MlopsError } from '../domain/errors.js';
import type { ModelPeople } from '../domain/person.js';
import { RACI } from '../domain/role.js';
import type { ItemEvent } from '../domain/serverEvent.js';
import { cutText } from '../domain/text.js';
import type { Store } from '../store/contract.js';
import { emailAddresses } from './emailAddresses.js';
import type { Session } from './session.js';

const NOBODY: ModelPeople = { responsible: [], accountable: [], consulted: [], informed: [] };

/** Who a model's people are, each by e-mail address; nobody where nobody said. */
export const peopleOf = async (store: Pick<Store, 'find'>, model: string): Promise<ModelPeople> =>
	(await store.find('people', model))?.body ?? NOBODY;

/** Who of a model's people hears of what happens to it. */
const HEARS: Partial<Record<ItemEvent['kind'], ReadonlyArray<keyof ModelPeople>>> = {
	incidentOpened: ['responsible', 'accountable'],
	incidentClosed: ['responsible', 'accountable'],
	alert: ['responsible'],
	rolloutStep: ['responsible', 'consulted'],
	rolloutAborted: ['responsible', 'accountable', 'consulted', 'informed'],
	rolloutPromoted: ['responsible', 'accountable', 'consulted', 'informed'],
	aliasMoved: ['responsible', 'accountable', 'informed'],
	approvalAsked: ['accountable', 'consulted'],
	approvalDecided: ['responsible', 'accountable', 'informed'],
};

/** An event with the addresses of those who are to hear of it, where there are any: the model's people, and whom it names itself. */
export async function withPeople(store: Pick<Store, 'find'>, event: ItemEvent): Promise<ItemEvent> {
	const kinds = HEARS[event.kind];
	if (!kinds || event.model === undefined) return event;
	const people = await peopleOf(store, event.model);
	const tell = [...new Set([...(event.responsible ?? []), ...kinds.flatMap((kind) => people[kind])])];
	return tell.length > 0 ? { ...event, tell } : event;
}

/**
 * Says who a model's people are. They need no account: a mailing list may be informed.
 * @throws `store.not_found` where no model is called so, `input.invalid` for what is no e-mail address
 */
export async function setModelPeople(
	{ store, actor }: Pick<Session, 'store' | 'actor'>,
	model: string,
	wish: ModelPeople,
): Promise<ModelPeople> {
	const kinds = Object.keys(RACI) as Array<keyof ModelPeople>;
	const people = Object.fromEntries(kinds.map((kind) => [kind, emailAddresses(wish[kind])])) as unknown as ModelPeople;
	return await store.transact(async (part) => {
		if (!(await part.find('modelVersion', model)))
			throw new MlopsError('store.not_found', 'No model is registered under this name.', { found: cutText(model, 200) });
		const before = await peopleOf(part, model);
		if (JSON.stringify(before) === JSON.stringify(people)) return before;
		await part.add('people', model, people);
		await part.audit({ actor, action: 'people.changed', subject: model, details: { ...people } });
		return people;
	});
}
