import { z } from 'zod/v4';

/**
 * Where a store is, in a form that travels: to a compute process, to another machine. It holds no secret; whoever opens it finds what it
 * needs where it runs.
 */
export const storeRef = z.discriminatedUnion('kind', [
	/** SQLite and artifacts in one folder, by its absolute path. */
	z.object({ kind: z.literal('folder'), home: z.string().min(1) }),
	/** A database server for the records, and a folder that all machines see. */
	z.object({
		kind: z.literal('shared'),
		/** `postgres://user@host:port/database?sslmode=...`, without a password. */
		url: z.string().refine((text) => URL.canParse(text) && new URL(text).password === '', 'an address without a password'),
		schema: z.string().regex(/^[a-z_][a-z0-9_]{0,62}$/),
		/** Absolute path of the folder for artifacts and sealed keys. */
		artifacts: z.string().min(1),
		/** PEM of the authority that signed the server's certificate. */
		ca: z.string().optional(),
		/** Which of the secrets that a process was given opens it; none where the process's own settings do. */
		grant: z.string().optional(),
	}),
]);
export type StoreRef = z.infer<typeof storeRef>;
export type FolderRef = Extract<StoreRef, { kind: 'folder' }>;
export type SharedRef = Extract<StoreRef, { kind: 'shared' }>;
