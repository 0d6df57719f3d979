import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { resolveStore } from '../../lib/store/location.js';

describe('where the store is', () => {
	it("MLOPS_HOME says, else n8n's user folder", () => {
		expect(resolveStore({ MLOPS_HOME: '/data/mlops', N8N_USER_FOLDER: '/n8n' })).toEqual({ kind: 'folder', home: resolve('/data/mlops') });
		expect(resolveStore({ N8N_USER_FOLDER: '/n8n' })).toEqual({ kind: 'folder', home: resolve('/n8n/.n8n/mlops') });
		expect(resolveStore({ N8N_USER_FOLDER: '/n8n' }, '/other/.n8n')).toEqual({ kind: 'folder', home: resolve('/other/.n8n/mlops') });
		expect(resolveStore({})).toEqual({ kind: 'folder', home: join(homedir(), '.n8n', 'mlops') });
	});

	it('in queue mode it is refused, since workers on other machines would not see it', () => {
		expect(() => resolveStore({ EXECUTIONS_MODE: 'queue', MLOPS_HOME: '/data' })).toThrow(
			expect.objectContaining({
				code: 'store.queue_mode',
				details: expect.objectContaining({ remedy: expect.stringContaining('EXECUTIONS_MODE=regular') }),
			}),
		);
		expect(resolveStore({ EXECUTIONS_MODE: 'regular', MLOPS_HOME: '/data' })).toEqual({ kind: 'folder', home: resolve('/data') });
	});
});
