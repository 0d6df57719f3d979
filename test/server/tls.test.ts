import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { Agent, get, request } from 'node:https';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from 'node:tls';
import { program } from '../data/servers.js';
import { freshFolder, removeFolders } from '../store/records.js';
import { certificatesIn, securely } from './certificates.js';
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
	const text = await securely(`${server.url}/v1/models`, readFileSync(cert, 'utf8'));
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

/** The name in the certificate that a new connection is shown. */
const shownAt = async (url: string): Promise<unknown> =>
	await new Promise((resolve, reject) => {
		const { hostname, port } = new URL(url);
		const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
			resolve(socket.getPeerCertificate().subject.CN);
			socket.destroy();
		}).on('error', reject);
	});

(openssl ? it : it.skip)('a renewed certificate is shown without a restart, and half a renewal is not used', async () => {
	const { alone, at, text, write } = certificatesIn(await freshFolder(), openssl!);
	alone('first', 'firstKey', { subject: 'first' });
	alone('second', 'secondKey', { subject: 'second' });
	write('cert', text('first'));
	write('key', text('firstKey'));
	const { home, store } = await fruitStore();
	const server = await startServe(home, ['--no-keys', '--tls-cert', at('cert'), '--tls-key', at('key')]);
	const agent = new Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
	const live = async (): Promise<{ status?: number; again: boolean }> =>
		await new Promise((resolve, reject) => {
			const asked = get(`${server.url}/health/live`, { agent }, (response) => {
				response.resume().on('end', () => resolve({ status: response.statusCode, again: asked.reusedSocket }));
			}).on('error', reject);
		});
	expect(await live()).toEqual({ status: 200, again: false });
	write('cert', text('second'));
	while (!server.said().includes('cannot be used')) await sleep(50);
	expect(server.said()).toContain('The key for TLS is not the one of the certificate.');
	expect(await shownAt(server.url)).toBe('first');
	write('key', text('secondKey'));
	// The kernel chooses the listener: once each of them has the new one, nobody is shown the other any more.
	for (let times = 0; times < 20; ) times = (await shownAt(server.url)) === 'second' ? times + 1 : 0;
	expect(server.said()).toContain('The certificate for TLS was renewed; it is valid until 20');
	expect(await live()).toEqual({ status: 200, again: true });
	agent.destroy();
	// Files that are taken away are told once, and stop nothing.
	writeFileSync(at('key'), '');
	while (server.said().split('cannot be used').length < 3) await sleep(50);
	expect(await shownAt(server.url)).toBe('second');
	expect(await server.stop()).toBe(0);
	await store.close();
});
