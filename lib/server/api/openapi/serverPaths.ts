import type { Schema } from './row.js';

/** Addresses that are about no one model. */
export function serverPaths(): { paths: Readonly<Record<string, Schema>>; schemas: Readonly<Record<string, Schema>> } {
	return { paths: {}, schemas: {} };
}
