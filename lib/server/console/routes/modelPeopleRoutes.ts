import { z } from 'zod/v4';
import { peopleOf, setModelPeople } from '../../../app/modelPeople.js';
import { modelPeople } from '../../../domain/person.js';
import { consoleRoute } from '../contract.js';
import { name, refuseOthers } from './routeParts.js';

const params = z.object({ model: name });

/** Who a model's people are. */
export const peopleOfModel = consoleRoute({
	method: 'GET',
	path: '/models/:model/people',
	role: 'viewer',
	summary: 'Who is responsible for a model, accountable for it, consulted and informed: by e-mail address.',
	params,
	answer: modelPeople,
	async does({ store }, { params: { model }, who }) {
		refuseOthers(who, model);
		return await peopleOf(store, model);
	},
});

const address = z.array(z.string().max(300)).max(200);

const change = consoleRoute({
	method: 'PUT',
	path: '/models/:model/people',
	role: 'administrator',
	summary: 'Says who the people of a model are: incidents go to those responsible, approvals to those accountable.',
	params,
	body: z.object({ responsible: address, accountable: address, consulted: address, informed: address }),
	answer: modelPeople,
	does: async ({ store }, { params: { model }, body, who }) => await setModelPeople({ store, actor: who.name }, model, body),
});

export const modelPeopleRoutes = [peopleOfModel, change];
