import { askForApproval, decideApproval } from '../../lib/app/approval.js';
import { lastingLink, serverBeside } from '../../lib/app/approvalLinks.js';
import { announceServer } from '../../lib/app/runningServers.js';
import type { Store } from '../../lib/store/contract.js';
import { removeFolders } from '../store/records.js';
import { fruitStore, startServe, type Served } from './served.js';

const N8N = 'https://n8n.example.com/webhook-waiting/7?token=t&signature=s&page=form-waiting';
let home: string;
let store: Store;
let server: Served;
beforeAll(async () => {
	({ home, store } = await fruitStore());
	server = await startServe(home);
});
afterAll(async () => {
	await server.stop();
	await store.close();
	await removeFolders();
});

/** Ana's token, and the links of both. */
async function asked(expiresMinutes = 60): Promise<{ token: string; url: string; other: string }> {
	const ask = { title: 'May it go live?', approvers: ['Ana', 'Bo'], expiresMinutes, items: [] };
	const [ana, bo] = (await askForApproval(store, ask)).tokens;
	const link = async (token: string): Promise<string> => await lastingLink(store, server.url, token, N8N);
	return { token: ana.token, url: await link(ana.token), other: await link(bo.token) };
}
const open = async (url: string): Promise<{ status: number; location: string | null; text: string }> => {
	const response = await fetch(url, { redirect: 'manual' });
	return { status: response.status, location: response.headers.get('location'), text: await response.text() };
};

describe("an approver's link through the model server", () => {
	it('leads to n8n while it can still be decided, and changes nothing', async () => {
		const { url } = await asked();
		expect(await open(url)).toMatchObject({ status: 303, location: N8N });
		expect(await open(url)).toMatchObject({ status: 303, location: N8N });
	});

	it('sends a decision on that is posted to it, and takes none itself', async () => {
		const { token, url } = await asked();
		const post = async (): Promise<Response> =>
			await fetch(url, { method: 'POST', redirect: 'manual', body: new URLSearchParams({ decision: 'approved' }) });
		const response = await post();
		expect([response.status, response.headers.get('location')]).toEqual([307, N8N]);
		await decideApproval(store, token, 'rejected', '');
		const late = await post();
		expect([late.status, await late.text()]).toEqual([409, expect.stringContaining('You rejected this')]);
	});

	it('says who decided what and when, as often as it is opened, long after the workflow has gone on', async () => {
		const { token, url, other } = await asked();
		await decideApproval(store, token, 'rejected', 'too few rows');
		for (const time of [1, 2]) {
			const { status, text } = await open(url);
			expect([time, status]).toEqual([time, 409]);
			expect(text).toContain('You rejected this');
			expect(text).toContain('too few rows');
			expect(text).toContain(String(new Date().getUTCFullYear()));
		}
		expect((await open(other)).text).toMatch(/Ana.{0,80}rejected|rejected.{0,80}Ana/s);
	});

	it('is what a link is where a server runs beside an n8n that is reached from this machine alone', async () => {
		const here = 'http://localhost:5678/webhook-waiting/7?token=t';
		const gone = await announceServer(store, 'https://models.example.com');
		const known = await serverBeside(store, here);
		const near = await announceServer(store, 'http://127.0.0.1:8099');
		expect(await serverBeside(store, here)).toBe('http://127.0.0.1:8099');
		expect(await serverBeside(store, N8N)).toBeUndefined();
		await near();
		await gone();
		expect(await serverBeside(store, here)).toBe(known);
		const away = { progressUnder: async () => await Promise.reject(new Error('away')) };
		expect(await serverBeside(away, here)).toBeUndefined();
	});

	it('says that its time is over', async () => {
		const { url } = await asked(0.0001);
		await new Promise((resolve) => setTimeout(resolve, 20));
		expect((await open(url)).status).toBe(410);
	});

	it.each([
		['leads elsewhere', (url: URL) => url.searchParams.set('to', Buffer.from('https://evil.example/').toString('base64url'))],
		['has another token', (url: URL) => url.searchParams.set('token', 'x.y')],
		['has no signature', (url: URL) => url.searchParams.delete('sig')],
		['gives a parameter twice', (url: URL) => url.searchParams.append('to', 'x')],
	])('is refused where it %s', async (_what, change) => {
		const url = new URL((await asked()).url);
		change(url);
		expect(await open(url.href)).toMatchObject({ status: 401, location: null });
	});

	it('is not made for what is no address', async () => {
		await expect(lastingLink(store, 'models.example.com', 't', N8N)).rejects.toMatchObject({ code: 'input.invalid' });
		expect(await lastingLink(store, 'https://models.example.com/ml', 't', N8N)).toMatch(
			/^https:\/\/models\.example\.com\/ml\/approvals\?token=t&/,
		);
	});
});
