import { hash } from 'node:crypto';
import { z } from 'zod/v4';

/**
 * What a key opens: asking models, saying what turned out to be true, reading (models, traffic, metrics), and moving aliases and rollouts.
 */
export const SCOPES = ['predict', 'feedback', 'read', 'deploy'] as const;
export type Scope = (typeof SCOPES)[number];

/**
 * Record kind `apiKey`: a key of the model server, under its id as the record's name. Records never change: a key that is withdrawn gets
 * one more version, and the newest counts. The key itself is nowhere: only its hash.
 */
export const apiKeyRecord = z.object({
	/** Public part of the key, by which it is found. */
	id: z.string().regex(/^[A-Za-z0-9]{8,32}$/),
	/** What it is for, in a person's words. */
	label: z.string(),
	/** SHA-256 (hex) of the whole key as the caller sends it: 256 bits of chance need no slower hash. */
	hash: z.string().regex(/^[0-9a-f]{64}$/),
	scopes: z.array(z.enum(SCOPES)).min(1),
	/** Registered models that it is good for; absent: all. */
	models: z.array(z.string()).optional(),
	madeAt: z.string(),
	madeBy: z.string(),
	expiresAt: z.string().optional(),
	withdrawn: z.object({ at: z.string(), by: z.string(), reason: z.string().optional() }).optional(),
});
export type ApiKeyRecord = z.infer<typeof apiKeyRecord>;

/** How a key of ours looks: its public id, then 32 random bytes in base64url. */
export const OWN_KEY = /^mlops_([0-9a-f]{16})_[A-Za-z0-9_-]{43}$/;
/** Characters of such a key. */
export const OWN_KEY_LENGTH = 66;

export const keyHash = (key: string): string => hash('sha256', key, 'hex');

export type KeyState = 'good' | 'expired' | 'withdrawn';

/** Whether a key opens anything at a moment (ms). */
export function keyState({ withdrawn, expiresAt }: Pick<ApiKeyRecord, 'withdrawn' | 'expiresAt'>, now: number): KeyState {
	if (withdrawn) return 'withdrawn';
	return expiresAt !== undefined && Date.parse(expiresAt) <= now ? 'expired' : 'good';
}
