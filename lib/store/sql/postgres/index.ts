import type { BackendType } from '../contract.js';

export const postgres: BackendType = {
	protocols: ['postgres:', 'postgresql:'],
	open: async (ref, password) => (await import('./database.js')).openPostgres(ref, password),
};
