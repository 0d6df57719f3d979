import { askForApproval, decideApproval } from '../../../lib/app/approval.js';
import { lastingLink } from '../../../lib/app/approvalLinks.js';
import type { Store } from '../../../lib/store/contract.js';
import { removeFolders } from '../../store/records.js';
import { fruitStore, startServe, type Served } from '../served.js';
import { account, send, signIn, type SignedIn } from './signedIn.js';

let store: Store;
let server: Served;
let ann: SignedIn;
let other: SignedIn;
let admin: SignedIn;
beforeAll(async () => {
	let home: string;
	({ home, store } = await fruitStore());
	server = await startServe(home, []);
	ann = await signIn(server, await account(store, 'approver', 'ann@example.com'));
	other = await signIn(server, await account(store, 'approver', 'other@example.com'));
	admin = await signIn(server, await account(store, 'administrator'));
});
afterAll(async () => {
	await server.stop();
	await store.close();
	await removeFolders();
});

const ask = async (title = 'May it go live?', more: object = {}) =>
	await askForApproval(store, { title, approvers: ['Ann@Example.com', 'Bo'], expiresMinutes: 60, items: [], ...more });
const decide = async (who: SignedIn, id: string, decision = 'approved', comment = 'because') =>
	await who.ask('POST', `/approvals/${id}/decision`, { decision, comment });

describe('approvals in the console', () => {
	it('are decided by those whom the request names, or by an administrator, in their own name', async () => {
		const { approval } = await ask();
		expect((await ann.ask('GET', '/approvals?which=mine')).body.entries).toMatchObject([{ id: approval.id, mayDecide: true }]);
		expect((await other.ask('GET', '/approvals?which=mine')).body.entries).toEqual([]);
		const refused = await decide(other, approval.id);
		expect([refused.status, refused.body.error.code]).toEqual([403, 'person.role_missing']);
		expect((await decide(ann, approval.id)).body).toMatchObject({ status: 'approved', decidedBy: 'ann@example.com', comment: 'because' });
		const { approval: second } = await ask();
		expect((await decide(admin, second.id, 'rejected')).body).toMatchObject({ decidedBy: 'administrator@example.com' });
		const events = await store.auditLog({ subject: approval.id });
		expect(events[0]).toMatchObject({ actor: 'ann@example.com', action: 'approval.decided', details: { status: 'approved' } });
	});

	it('are decided once: whoever comes second hears who was first, here as at the link', async () => {
		const { approval, tokens } = await ask();
		const both = await Promise.all([decide(ann, approval.id, 'approved'), decide(admin, approval.id, 'rejected')]);
		expect(both.map(({ status }) => status).sort()).toEqual([200, 409]);
		const { decidedBy, status } = (await store.approval(approval.id))!;
		const { body } = both.find((one) => one.status === 409)!;
		expect(body.error.code).toBe('approval.already_decided');
		expect(String(body.error.message)).toMatch(new RegExp(`^${decidedBy} ${status} this on `));
		const link = await lastingLink(store, server.url, tokens[1].token, 'https://n8n.example.com/webhook-waiting/7');
		const page = await (await fetch(link, { redirect: 'manual' })).text();
		expect(page).toContain(decidedBy);
		expect(page).toContain(`Already ${status}`);

		const { approval: third, tokens: links } = await ask();
		await decideApproval(store, links[1].token, 'rejected', 'no');
		expect(String((await decide(ann, third.id)).body.error.message)).toMatch(/^Bo rejected this on /);
	});

	it('say so where their time is over', async () => {
		const { approval } = await ask('late', { expiresMinutes: 0.0001 });
		await new Promise((done) => setTimeout(done, 20));
		expect((await ann.ask('GET', `/approvals/${approval.id}`)).body).toMatchObject({ status: 'expired', mayDecide: false });
		const late = await decide(ann, approval.id);
		expect([late.status, late.body.error.code]).toEqual([410, 'approval.link_stale']);
	});

	it('are listed page by page, the newest first', async () => {
		for (let i = 0; i < 5; i++) await ask(`number ${i}`);
		const titles: string[] = [];
		let cursor = '';
		do {
			const { body } = await other.ask('GET', `/approvals?which=open&limit=2${cursor && `&cursor=${cursor}`}`);
			titles.push(...(body.entries as unknown as Array<{ title: string }>).map(({ title }) => title));
			cursor = body.next ? String(body.next) : '';
		} while (cursor);
		expect(titles.slice(0, 5)).toEqual([4, 3, 2, 1, 0].map((i) => `number ${i}`));
	});

	it('show the page of the link, without its form, in a frame of the console alone; nothing in it runs', async () => {
		const { approval } = await ask('<script>alert(1)</script>');
		const { status, headers, body } = await ann.ask('GET', `/approvals/${approval.id}/page?look=dark`);
		expect(status).toBe(200);
		expect(String(body)).toContain('&lt;script&gt;alert(1)');
		expect(String(body)).not.toMatch(/<form|<script/);
		expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
		expect(headers.get('content-security-policy')).toMatch(/^default-src 'none';.*form-action 'none';.*frame-ancestors 'self'$/);
		expect((await send(`${server.url}/api/v1/approvals/${approval.id}/page`, 'GET')).status).toBe(401);
	});
});

describe("a model's people", () => {
	const people = {
		responsible: ['Ann@Example.com', 'ann@example.com '],
		accountable: ['bo@example.com'],
		consulted: [],
		informed: ['team@lists.example.com'],
	};

	it('are said by an administrator, seen by all, each in one spelling, and in the audit log', async () => {
		expect((await ann.ask('GET', '/models/fruit/people')).body).toEqual({ responsible: [], accountable: [], consulted: [], informed: [] });
		expect((await admin.ask('PUT', '/models/fruit/people', people)).status).toBe(200);
		expect((await ann.ask('GET', '/models/fruit/people')).body).toEqual({ ...people, responsible: ['ann@example.com'] });
		expect((await store.auditLog({ subject: 'fruit' }))[0]).toMatchObject({ actor: 'administrator@example.com', action: 'people.changed' });
		expect((await admin.ask('PUT', '/models/nobody/people', people)).status).toBe(404);
		const wrong = await admin.ask('PUT', '/models/fruit/people', { ...people, informed: ['a@b\r\nBcc: c@d'] });
		expect([wrong.status, wrong.body.error.code]).toEqual([400, 'input.invalid']);
	});
});

describe('keys', () => {
	it('are made, listed without their secret, and withdrawn under the name of who did', async () => {
		const made = await admin.ask('POST', '/keys', { label: 'shop', scopes: ['predict'] });
		expect(made.status).toBe(201);
		const key = String(made.body.key);
		const listed = await admin.ask('GET', '/keys');
		expect(listed.body.entries).toMatchObject([{ label: 'shop', state: 'good', madeBy: 'administrator@example.com' }]);
		expect(JSON.stringify(listed.body)).not.toContain(key);
		expect(JSON.stringify(listed.body)).not.toContain('hash');
		const gone = await admin.ask('POST', `/keys/${String(made.body.made.id)}/withdraw`, { reason: 'leaked' });
		expect(gone.body).toMatchObject({ state: 'withdrawn', withdrawn: { by: 'administrator@example.com', reason: 'leaked' } });
	});
});
