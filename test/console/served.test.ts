import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { request } from 'node:http';
import { openStore } from '../../lib/store/openStore.js';
import type { Store } from '../../lib/store/contract.js';
import { startServe, type Served } from '../server/served.js';
import { freshFolder, removeFolders } from '../store/records.js';

let store: Store;
let server: Served;
beforeAll(async () => {
	const home = await freshFolder();
	store = await openStore({ kind: 'folder', home });
	server = await startServe(home, ['--listeners', '1']);
});
afterAll(async () => {
	await server.stop();
	await store.close();
	await removeFolders();
});

/** What comes over the wire, as it is. */
const raw = async (path: string, coding: string) =>
	await new Promise<{ status: number; headers: Record<string, unknown>; bytes: Buffer }>((resolve, reject) => {
		const { hostname, port } = new URL(server.url);
		request({ hostname, port, path, headers: { 'accept-encoding': coding } }, (response) => {
			const parts: Buffer[] = [];
			response
				.on('data', (part: Buffer) => parts.push(part))
				.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, bytes: Buffer.concat(parts) }));
		})
			.on('error', reject)
			.end();
	});

/** The scripts and styles that a page names at once. */
const named = (page: string): string[] => [...page.matchAll(/(?:src|href)="(\/console\/assets\/[^"]+)"/g)].map(([, path]) => path);

describe('the page of the console, as it is served', () => {
	it('needs no key, lets in no script but its own, stands in no frame', async () => {
		const { status, headers, bytes } = await raw('/console/', 'identity');
		expect(status).toBe(200);
		const policy = String(headers['content-security-policy']);
		expect(policy).toMatch(/default-src 'none'; script-src 'self'; style-src 'self';.*frame-ancestors 'none'/);
		expect(policy).not.toMatch(/unsafe|\*|https?:/);
		expect(headers).toMatchObject({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', 'cache-control': 'no-cache' });
		expect(bytes.toString()).not.toMatch(/<script(?![^>]* src=)|<style|\sstyle=|\son\w+=|https?:\/\//);
	});

	it('is under 300 kB compressed with all that it names, of which the names change with the bytes', async () => {
		const page = await raw('/console/', 'br');
		const names = named(brotliDecompressSync(page.bytes).toString());
		expect(names.length).toBeGreaterThanOrEqual(2);
		let total = page.bytes.length;
		for (const name of names) {
			const { headers, bytes } = await raw(name, 'gzip, deflate, br');
			expect(headers).toMatchObject({ 'content-encoding': 'br', 'cache-control': 'public, max-age=31536000, immutable' });
			total += bytes.length;
		}
		// With room for the page's own chunk and its data.
		expect(total).toBeLessThan(150_000);
	});

	it('comes as each caller can read it', async () => {
		const plain = (await raw('/console/', 'identity')).bytes.toString();
		expect(gunzipSync((await raw('/console/', 'gzip')).bytes).toString()).toBe(plain);
		expect(brotliDecompressSync((await raw('/console/', 'deflate, br;q=0.5')).bytes).toString()).toBe(plain);
		expect((await raw('/console/', 'br;q=0')).headers['content-encoding']).toBeUndefined();
		expect((await raw('/console/', '')).bytes.toString()).toBe(plain);
	});

	it('gives the same page at each of its places, and at no other', async () => {
		const page = (await raw('/console/', 'identity')).bytes.toString();
		for (const path of ['/console/models/a%2Fb', '/console/models/%F0%9F%8D%8E?tab=lineage', '/console/x/y/z', '/console/index.html'])
			expect([path, (await raw(path, 'identity')).bytes.toString()]).toEqual([path, page]);
		expect(await raw('/console', 'identity')).toMatchObject({ status: 308, headers: { location: '/console/' } });
		for (const path of ['/console/assets/none.js', '/console/assets/..%2Findex.html', '/console/assets/__proto__', '/consoles'])
			expect([400, 404].map((status) => [path, status])).toContainEqual([path, (await raw(path, 'identity')).status]);
	});

	it('leads to no file of the machine', async () => {
		for (const path of ['/console/../../../../etc/passwd', '/console/..%2f..%2f..%2fetc%2fpasswd', '/console/assets/../../../package.json'])
			expect((await raw(path, 'identity')).bytes.toString()).not.toMatch(/root:|"n8n-nodes-mlops"/);
	});

	it('says whose work is in it', async () => {
		const { status, bytes } = await raw('/console/LICENSES.txt', 'identity');
		expect(status).toBe(200);
		expect(bytes.toString()).toMatch(/preact[^]*MIT/);
	});
});
