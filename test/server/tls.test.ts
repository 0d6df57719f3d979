import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent, get, request } from 'node:https';
import { join } from 'node:path';
import { program } from '../data/servers.js';
import { freshFolder, removeFolders } from '../store/records.js';
import { fruitStore, ROW, startServe } from './served.js';

const openssl = program('openssl');
afterAll(removeFolders);

(openssl ? it : it.skip)(`speaks https with a certificate from two files${openssl ? '' : ' (skipped: no openssl)'}`, async () => {
	const folder = await freshFolder();
	const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
	const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
	execFileSync(openssl!, ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', key, '-out', cert, ...subject], {
		stdio: 'pipe',
	});
	const { home, store } = await fruitStore();
	const server = await startServe(home, ['--no-keys', '--tls-cert', cert, '--tls-key', key]);
	expect(server.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
	const text = await new Promise<string>((resolve, reject) => {
		get(`${server.url}/v1/models`, { ca: readFileSync(cert) }, (response) => {
			let all = '';
			response
				.setEncoding('utf8')
				.on('data', (chunk: string) => (all += chunk))
				.on('end', () => resolve(all));
		}).on('error', reject);
	});
	expect(JSON.parse(text)).toMatchObject({ models: [{ name: 'fruit' }] });
	const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: readFileSync(cert) });
	const predict = async (): Promise<number | undefined> =>
		await new Promise((resolve, reject) => {
			const headers = { 'content-type': 'application/json' };
			request(`${server.url}/v1/models/fruit/predict`, { agent, method: 'POST', headers }, (response) => {
				response.resume().on('end', () => resolve(response.statusCode));
			})
				.on('error', reject)
				.end(JSON.stringify({ row: ROW }));
		});
	for (let i = 0; i < 5; i++) expect(await predict()).toBe(200);
	agent.destroy();
	// Another store's server does not slip in beside it, as Linux would let it.
	const other = await fruitStore();
	await other.store.close();
	const taken = ['--no-keys', '--tls-cert', cert, '--tls-key', key, '--port', new URL(server.url).port];
	await expect(startServe(other.home, taken)).rejects.toThrow('is taken by another program');
	const second = await startServe(home, taken);
	expect(await second.stop()).toBe(0);
	expect(await server.stop()).toBe(0);
	await store.close();
	await expect(startServe(home, ['--no-keys', '--tls-cert', cert])).rejects.toThrow('The key for TLS cannot be read.');
	await expect(startServe(home, ['--no-keys', '--tls-cert', join(folder, 'none'), '--tls-key', key])).rejects.toThrow(
		'certificate for TLS',
	);
});
