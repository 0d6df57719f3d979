import os from 'node:os';
import path from 'node:path';
import { cacheFolder } from '../../lib/compute/cacheFolder.js';
import { useCompiled } from '../../lib/compute/compiledCode.js';
import { hasHome, homeFolder } from '../../lib/compute/homeFolder.js';
import { BackendMemory } from '../../lib/learn/tensors/backendMemory.js';
import { resolveStore } from '../../lib/store/location.js';

const { XDG_CACHE_HOME: given } = process.env;
afterEach(() => {
	jest.restoreAllMocks();
	if (given !== undefined) process.env.XDG_CACHE_HOME = given;
});

it('a user whom the system does not know, as containers have, works in the folder where the program runs, like n8n itself', async () => {
	delete process.env.XDG_CACHE_HOME;
	expect([hasHome(), homeFolder()]).toEqual([true, os.homedir()]);
	jest.spyOn(os, 'homedir').mockImplementation(() => {
		throw Object.assign(new Error('A system error occurred: uv_os_homedir returned ENOENT'), { code: 'ERR_SYSTEM_ERROR' });
	});
	expect([hasHome(), homeFolder()]).toEqual([false, process.cwd()]);
	expect(resolveStore({})).toEqual({ kind: 'folder', home: path.join(process.cwd(), '.n8n', 'mlops') });
	expect(cacheFolder().startsWith(process.cwd())).toBe(process.platform !== 'win32');
	expect(() => useCompiled()).not.toThrow();
	expect(await new BackendMemory().read()).toEqual([]);
});
