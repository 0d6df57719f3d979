/** What people may do, each all that the ones before it may: look; run and stop; decide; look after people, keys and the store. */
export const ROLES = ['viewer', 'operator', 'approver', 'administrator'] as const;
export type Role = (typeof ROLES)[number];

export const mayAct = (role: Role, needed: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(needed);

/** Who a model's people are: each an e-mail address. */
export const RACI = {
	responsible: ['Responsible', 'Looks after it: gets incidents, alerts and all that changes'],
	accountable: ['Accountable', 'Answers for it: is asked for approval, is told of incidents and decisions'],
	consulted: ['Consulted', 'Is asked before it changes: hears of approvals asked for, of rollouts and their steps'],
	informed: ['Informed', 'Hears of what was decided'],
} as const satisfies Record<string, readonly [label: string, description: string]>;
