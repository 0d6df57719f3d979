import path from 'node:path';
import { homeFolder } from './homeFolder.js';

/** Where this user's programs keep what they can find out again. */
export function cacheFolder(): string {
	const { XDG_CACHE_HOME: given, LOCALAPPDATA: windows } = process.env;
	const base = given || (process.platform === 'win32' && windows) || path.join(homeFolder(), '.cache');
	return path.join(base, 'n8n-nodes-mlops');
}
