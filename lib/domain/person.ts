import { z } from 'zod/v4';
import { ROLES } from './role.js';
import { columnText, lineText } from './text.js';

/** What scrypt makes of a password, with what it was asked for. */
export const passwordHash = z.object({ salt: z.string(), hash: z.string(), n: z.number().int(), r: z.number().int(), p: z.number().int() });
export type PasswordHash = z.infer<typeof passwordHash>;

/**
 * Record kind `person`, under its id as the record's name: a change is one more version, and the newest counts. The password is nowhere:
 * only what scrypt makes of it.
 */
export const personRecord = z.object({
	id: z.string(),
	/** Signs in with it; unique, in one spelling (`emailSpelling`). */
	email: z.string(),
	/** As people are called; empty until they say. */
	name: z.string(),
	role: z.enum(ROLES),
	/** Absent until it was set by a link. */
	password: passwordHash.optional(),
	/** The newest one-time link by which a password is set: the SHA-256 of its token. */
	link: z.object({ hash: z.string(), madeAt: z.string(), expiresAt: z.string(), usedAt: z.string().optional() }).optional(),
	/** Counts up where all sessions end: those that began under a smaller number are over. No clock is asked. */
	sessions: z.number().int(),
	disabled: z.boolean(),
	madeBy: z.string(),
	madeAt: z.string(),
});
export type PersonRecord = z.infer<typeof personRecord>;

const EMAIL = /^[^\s@<>()[\],;:"\\]{1,64}@[^\s@<>()[\],;:"\\]{1,189}$/u;

/** The one spelling of an e-mail address, or undefined where it is none: two that differ in case or in how a letter is composed are one. */
export function emailSpelling(text: string): string | undefined {
	const email = columnText(text).normalize('NFKC').trim().toLowerCase();
	return EMAIL.test(email) && email === lineText(email) ? email : undefined;
}

/** Record kind `people`, under the model's name: the newest counts. */
export const modelPeople = z.object({
	responsible: z.array(z.string()),
	accountable: z.array(z.string()),
	consulted: z.array(z.string()),
	informed: z.array(z.string()),
});
export type ModelPeople = z.infer<typeof modelPeople>;
