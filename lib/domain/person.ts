import { z } from 'zod/v4';

/** What people may do, each all that the ones before it may: look; run and stop; decide; look after people, keys and the store. */
export const ROLES = ['viewer', 'operator', 'approver', 'administrator'] as const;
export type Role = (typeof ROLES)[number];

export const mayAct = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed);

/**
 * Record kind `person`, under its id as the record's name: a change is one more version, and the newest counts. The password is nowhere:
 * only what scrypt makes of it.
 */
export const personRecord = z.object({
	id: z.string(),
	/** Signs in with it; unique, in lower case. */
	email: z.string(),
	name: z.string(),
	role: z.enum(ROLES),
	password: z.object({ salt: z.string(), hash: z.string(), n: z.number().int(), r: z.number().int(), p: z.number().int() }).optional(),
	/** Sessions that began before are over. */
	sessionsSince: z.string(),
	disabled: z.boolean(),
	madeBy: z.string(),
	madeAt: z.string(),
});
export type PersonRecord = z.infer<typeof personRecord>;

/** Who a model's people are: each an e-mail address. */
export const RACI = {
	responsible: ['Responsible', 'Looks after it: gets incidents and alerts'],
	accountable: ['Accountable', 'Answers for it: is asked for approval'],
	consulted: ['Consulted', 'Is asked before it changes'],
	informed: ['Informed', 'Hears of what was decided'],
} as const satisfies Record<string, readonly [label: string, description: string]>;

/** Record kind `people`, under the model's name: the newest counts. */
export const modelPeople = z.object({
	responsible: z.array(z.string()),
	accountable: z.array(z.string()),
	consulted: z.array(z.string()),
	informed: z.array(z.string()),
});
export type ModelPeople = z.infer<typeof modelPeople>;
