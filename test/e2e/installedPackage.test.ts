import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { signIn, startN8n, type N8nHost } from '../../scripts/n8nHost.mts';
import { installAsN8nDoes, type Manifest } from '../package/install.js';

describe('full n8n with the package installed as by its install screen', () => {
	let userFolder: string;
	let n8n: N8nHost;

	beforeAll(async () => {
		userFolder = await fs.mkdtemp(path.join(os.tmpdir(), 'mlops-n8n-'));
		await installAsN8nDoes(userFolder);
		n8n = await startN8n({ userFolder, packageFolder: null });
	}, 600_000);

	afterAll(async () => {
		await n8n?.stop();
		await fs.rm(userFolder, { recursive: true, force: true });
	}, 60_000);

	it('offers every node and credential, and holds the templates', async () => {
		const folder = path.join(userFolder, '.n8n/nodes/node_modules/n8n-nodes-mlops');
		const manifest = JSON.parse(await fs.readFile(path.join(folder, 'package.json'), 'utf8')) as Manifest;
		const call = await signIn(n8n);
		const ours = (types: unknown) => (types as Array<{ name: string }>).map(({ name }) => name).filter((name) => /mlops/i.test(name));
		expect(new Set(ours(await call('GET', '/types/nodes.json')).filter((name) => !name.endsWith('Tool'))).size).toBe(
			manifest.n8n.nodes.length,
		);
		expect(ours(await call('GET', '/types/credentials.json'))).toHaveLength(manifest.n8n.credentials.length);
		const templates = (await fs.readdir(path.join(folder, 'workflows'))).filter((name) => name.endsWith('.json'));
		expect(await call('GET', '/rest/workflows')).toHaveLength(templates.length);
	}, 60_000);
});
