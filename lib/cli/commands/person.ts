import { z } from 'zod/v4';
import { changeRole, currentPeople, LINK_HOURS, linkAddress, linkFor, listedPerson, makePerson, setDisabled } from '../../app/people.js';
import { ROLES } from '../../domain/role.js';
import { defineCommand } from '../contract.js';
import { moment, textTable } from '../textTable.js';

const who = z.string().meta({ description: 'E-mail address, or id', placeholder: 'EMAIL' });
const url = z.string().default('http://127.0.0.1:8080').meta({
	description: 'Where the model server is reached by people, for the link',
	placeholder: 'URL',
});
const rolesText = 'viewer looks, operator runs and stops, approver decides, administrator looks after people and keys';

const goodFor = `It is good for ${LINK_HOURS} hours, once, and not shown again. The model server must run ("mlops serve").`;

/** The link is all that goes to stdout, so that a script may take it from there. */
export const personMake = defineCommand({
	name: 'person make',
	does:
		'Gives somebody an account of the console and prints a one-time link, by which they set their password. ' +
		'The first one is the way in.',
	args: ['email'],
	options: z.object({
		email: z.string().meta({ description: 'With which they sign in', placeholder: 'EMAIL' }),
		role: z
			.enum(ROLES)
			.default('viewer')
			.meta({ description: `What they may do: ${rolesText}` }),
		name: z.string().default('').meta({ description: 'How they are called; they may say so themselves', placeholder: 'NAME' }),
		url,
	}),
	examples: ['mlops person make ann@example.com --role administrator --url https://models.example.com'],
	async run({ email, role, name, url: base }, desk) {
		// An address that no link can be made of is said before anything is written.
		linkAddress(base, '');
		const session = await desk.session();
		const first = (await currentPeople(session.store)).length === 0;
		const { person, token } = await makePerson(session, { email, role, name });
		const link = linkAddress(base, token);
		desk.context.note('person_made', `${person.email} is ${person.role}. The link sets the password. ${goodFor}`);
		if (first && role !== 'administrator')
			desk.context.note('person_first', 'Nobody is administrator yet: "mlops person role" makes somebody one.');
		return { json: { ...person, link }, text: link };
	},
});

export const personLink = defineCommand({
	name: 'person link',
	does:
		'Prints a new one-time link for somebody who lost the password. An earlier link stops working; the password works until a new one is ' +
		'set.',
	args: ['who'],
	options: z.object({ who, url }),
	examples: ['mlops person link ann@example.com'],
	async run({ who: which, url: base }, desk) {
		linkAddress(base, '');
		const { person, token } = await linkFor(await desk.session(), which);
		const link = linkAddress(base, token);
		desk.context.note('person_link', `The link is for ${person.email} (${person.role}). ${goodFor}`);
		return { json: { ...person, link }, text: link };
	},
});

export const personList = defineCommand({
	name: 'person list',
	does: 'Lists who has an account of the console, and what each may do.',
	options: z.object({}),
	async run(_, desk) {
		const people = (await currentPeople((await desk.session()).store)).map(listedPerson);
		const rows = people.map((p) => [p.email, p.name, p.role, p.state, p.madeBy, moment(p.madeAt)]);
		return {
			json: people,
			text: people.length ? textTable(['E-mail', 'Name', 'Role', 'State', 'Made by', 'Made (UTC)'], rows) : 'Nobody has an account.',
		};
	},
});

export const personRole = defineCommand({
	name: 'person role',
	does: 'Changes what somebody may do, from their next request on.',
	args: ['who', 'role'],
	options: z.object({ who, role: z.enum(ROLES).meta({ description: `What they may do: ${rolesText}` }) }),
	examples: ['mlops person role ann@example.com approver'],
	async run({ who: which, role }, desk) {
		const person = await changeRole(await desk.session(), which, role);
		return { json: person, text: `${person.email} is ${person.role}.` };
	},
});

export const personDisable = defineCommand({
	name: 'person disable',
	does: 'Ends all sessions of somebody and lets none begin; with --enable, takes that back. What they did stays under their name.',
	args: ['who'],
	options: z.object({
		who,
		enable: z.boolean().default(false).meta({ description: 'Let them sign in again' }),
		reason: z.string().default('').meta({ description: 'Why, for the audit log' }),
	}),
	async run({ who: which, enable, reason }, desk) {
		const person = await setDisabled(await desk.session(), which, !enable, reason);
		return { json: person, text: `${person.email} ${person.state === 'disabled' ? 'cannot sign in any more' : 'may sign in'}.` };
	},
});
