import { resolve } from 'node:path';
import { z } from 'zod/v4';
import { isWithin } from '../data/files/expand.js';
import { MlopsError } from '../domain/errors.js';
import type { SharedRef } from '../domain/storeRef.js';
import type { Store } from '../store/contract.js';
import { sharedRef } from '../store/location.js';
import { openStore } from '../store/openStore.js';
import { probeStore } from '../store/probeStore.js';
import { grantedRef, settingOf, type Environment } from '../store/storeSecrets.js';
import { n8nFolders } from './allowedFiles.js';

/** What the credential "MLOps Store" holds. */
const storeAccess = z.object({
	host: z.string().trim().min(1),
	port: z.coerce.number().int().min(1).max(65_535).default(5432),
	database: z.string().trim().min(1),
	user: z.string().trim().min(1),
	password: z.string().default(''),
	ssl: z.enum(['disable', 'require', 'no-verify']).default('require'),
	ca: z.string().default(''),
	schema: z.string().trim().default(''),
	secret: z.string().min(1),
	/** Empty: what `MLOPS_STORE_ARTIFACTS` says. */
	artifacts: z.string().trim().default(''),
});

/** Opens the store that a credential describes. @throws what `openStore` throws, `input.invalid`, `data.path_blocked` */
export const openStoreBy = async (access: object): Promise<Store> => await openStore(accessRef(access));

/** Looks whether a credential opens a store, without making one, and says so in a sentence. @throws the same, `store.secret` */
export async function testStoreAccess(access: object): Promise<string> {
	const id = await probeStore(accessRef(access));
	return id === undefined ? 'Connected. There is no store yet: the first node that uses it makes one.' : `Connected to the store ${id}.`;
}

/** A reference without secrets; they stay in this process and in those that run its jobs. */
export function accessRef(access: object, env: Environment = process.env): SharedRef {
	const parsed = storeAccess.safeParse(access);
	if (!parsed.success) {
		const [{ path }] = parsed.error.issues;
		throw new MlopsError('input.invalid', `The credential of the MLOps store is not complete: look at its field "${path.join('.')}".`, {
			remedy: 'Fill it in and save the credential.',
		});
	}
	const { host, port, database, user, password, ssl, ca, schema, secret, artifacts } = parsed.data;
	const url = new URL('postgres://host');
	Object.assign(url, { hostname: host.includes(':') ? `[${host}]` : host, port: String(port), username: user });
	url.pathname = `/${encodeURIComponent(database)}`;
	url.searchParams.set('sslmode', ssl);
	const ref = sharedRef({ url: url.href, schema, artifacts: allowedFolder(artifacts, env), ...(ca ? { ca } : {}) });
	return grantedRef(ref, { secret, ...(password ? { password } : {}) });
}

/**
 * Who may make credentials in n8n is not who runs the server: a folder is taken only inside the one that the settings name, or where n8n
 * lets nodes read and write files.
 */
function allowedFolder(asked: string, env: Environment): string | undefined {
	const own = settingOf(env, 'MLOPS_STORE_ARTIFACTS');
	if (!asked) return own;
	const folder = resolve(asked);
	const roots = [...(own === undefined ? [] : [own]), ...n8nFolders()].map((root) => resolve(root));
	if (roots.some((root) => isWithin(root, folder))) return folder;
	throw new MlopsError('data.path_blocked', "The store's folder for artifacts lies where n8n does not let nodes write.", {
		found: asked,
		remedy: 'Name a folder inside MLOPS_STORE_ARTIFACTS, or inside N8N_RESTRICT_FILE_ACCESS_TO (by default ~/.n8n-files).',
	});
}
