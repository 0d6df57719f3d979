import { z } from 'zod/v4';

/**
 * Where a store is, in a form that travels: to a compute process, to another machine. It holds no secret; whoever opens it finds what it
 * needs where it runs.
 */
export const storeRef = z.discriminatedUnion('kind', [
	/** SQLite and artifacts in one folder, by its absolute path. */
	z.object({ kind: z.literal('folder'), home: z.string().min(1) }),
]);
export type StoreRef = z.infer<typeof storeRef>;
