import { enableCompileCache, flushCompileCache } from 'node:module';
import path from 'node:path';
import { cacheFolder } from './cacheFolder.js';
import { hasHome } from './homeFolder.js';

/**
 * Lets this thread find what others compiled of our code, so that it begins sooner. It lies in this user's own folder, since whoever could
 * write there could have us run something else. `NODE_COMPILE_CACHE` and `NODE_DISABLE_COMPILE_CACHE` count as ever; where the folder
 * cannot be written, or a user has no home, all is compiled anew.
 */
export function useCompiled(): void {
	// Where we work others may write as well.
	if (hasHome()) enableCompileCache(path.join(cacheFolder(), 'compiled'));
}

/** Keeps what this thread compiled so far for those to come: a process that is killed, and a thread, do not by themselves. */
export function keepCompiled(): void {
	flushCompileCache();
}
