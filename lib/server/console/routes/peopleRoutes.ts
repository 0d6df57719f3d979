import { z } from 'zod/v4';
import { changeRole, currentPeople, endSessions, linkFor, listedPerson, makePerson, setDisabled } from '../../../app/people.js';
import { ROLES } from '../../../domain/role.js';
import { consoleRoute } from '../contract.js';

const person = z.object({
	id: z.string(),
	email: z.string(),
	name: z.string(),
	role: z.enum(ROLES),
	state: z.enum(['active', 'invited', 'disabled']),
	madeAt: z.string(),
	madeBy: z.string(),
	linkExpiresAt: z.string().optional().meta({ description: 'Until when a link that was not used yet is good' }),
});
const withLink = z.object({
	person,
	token: z.string().meta({ description: 'Shown this one time: the link is /console/welcome#TOKEN' }),
});
const params = z.object({ id: z.string().max(300) });

export const people = consoleRoute({
	method: 'GET',
	path: '/people',
	role: 'administrator',
	summary: 'Who has an account, and what each may do.',
	answer: z.object({ entries: z.array(person) }),
	does: async ({ store }) => ({ entries: (await currentPeople(store)).map(listedPerson) }),
});

export const makePersonRoute = consoleRoute({
	method: 'POST',
	path: '/people',
	role: 'administrator',
	summary: 'Gives somebody an account, and a one-time link by which they set their password.',
	body: z.object({ email: z.string().max(300), role: z.enum(ROLES), name: z.string().max(300).optional() }),
	answer: withLink,
	status: 201,
	does: async ({ store }, { body, who }) => await makePerson({ store, actor: who.name }, body),
});

const role = consoleRoute({
	method: 'PUT',
	path: '/people/:id/role',
	role: 'administrator',
	summary: 'Changes what somebody may do, from their next request on.',
	params,
	body: z.object({ role: z.enum(ROLES) }),
	answer: person,
	does: async ({ store }, { params: { id }, body, who }) => await changeRole({ store, actor: who.name }, id, body.role),
});

const disabled = consoleRoute({
	method: 'PUT',
	path: '/people/:id/disabled',
	role: 'administrator',
	summary: 'Ends all sessions of somebody and lets none begin, or takes that back.',
	params,
	body: z.object({ disabled: z.boolean(), reason: z.string().max(2_000).optional() }),
	answer: person,
	does: async ({ store }, { params: { id }, body, who }) => await setDisabled({ store, actor: who.name }, id, body.disabled, body.reason),
});

const link = consoleRoute({
	method: 'POST',
	path: '/people/:id/link',
	role: 'administrator',
	summary: 'A new one-time link for somebody; an earlier one stops working.',
	params,
	answer: withLink,
	does: async ({ store }, { params: { id }, who }) => await linkFor({ store, actor: who.name }, id),
});

const sessions = consoleRoute({
	method: 'DELETE',
	path: '/people/:id/sessions',
	role: 'administrator',
	summary: 'Ends all sessions of somebody.',
	params,
	answer: person,
	does: async ({ store }, { params: { id }, who }) => await endSessions({ store, actor: who.name }, id),
});

export const peopleRoutes = [people, makePersonRoute, role, disabled, link, sessions];
