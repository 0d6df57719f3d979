import { setTimeout as sleep } from 'node:timers/promises';
import type { Execution } from '../../scripts/demo/execution.mts';
import { account, signIn, type SignedIn } from '../server/console/signedIn.js';
import { startServe, type Loose, type Served } from '../server/served.js';
import { inARow, itemsOf, node, ran, TestN8n, wire, type WorkflowFile } from './n8n.js';

const APPROVERS = ['ana', 'bo'];

/**
 * Penguins up to a decision. Deploy stands behind both outputs: behind "Approved" as it should be, and behind "Not approved" as a
 * careless person may have wired it.
 */
function workflow(model: string, ask: Record<string, unknown> = {}, askNode: Record<string, unknown> = {}): WorkflowFile {
	const deploy = { operation: 'deploy', modelName: model, alias: 'champion', alsoInTestRuns: true, options: { approval: 'required' } };
	return {
		name: model,
		nodes: inARow([
			node('Start', 'n8n-nodes-base.manualTrigger'),
			node('Ingest', 'Ingest', { source: 'example', example: 'penguins' }),
			// A model of its own for each workflow, since approvals are bound to the model's digest.
			node('Train', 'Train', {
				learner: 'logisticRegression',
				modelName: model,
				params_logisticRegression: { C: 1 + [...model].reduce((sum, c) => sum + c.charCodeAt(0), 0) / 1_000 },
			}),
			node('Evaluate', 'Evaluate'),
			node(
				'Ask',
				'Notify',
				{ operation: 'sendAndWait', channel: 'log', approvers: APPROVERS.join(', '), expiresHours: 1, ...ask },
				askNode,
			),
			node('Not approved', 'n8n-nodes-base.noOp'),
			node('Deploy anyway', 'Deploy', deploy),
			node('Deploy', 'Deploy', deploy),
		]),
		connections: wire(
			['Start', 'Ingest'],
			['Ingest', 'Train'],
			['Train', 'Evaluate'],
			['Evaluate', 'Ask', 1],
			['Ask', 'Not approved', 0],
			['Not approved', 'Deploy anyway'],
			['Ask', 'Deploy', 1],
		),
	};
}

const post = async (link: string, decision: string, comment = '') =>
	await read(
		await fetch(link, {
			method: 'POST',
			headers: { 'content-type': 'application/x-www-form-urlencoded' },
			body: new URLSearchParams({ decision, comment }),
		}),
	);
const get = async (link: string) => await read(await fetch(link));
const read = async (response: Response) => ({
	status: response.status,
	type: response.headers.get('content-type') ?? '',
	text: await response.text(),
});

describe('asking for an approval in full n8n', () => {
	let n8n: TestN8n;
	beforeAll(async () => {
		n8n = await TestN8n.start();
	}, 300_000);
	afterAll(async () => await n8n?.dispose(), 60_000);

	const champion = async (model: string) => await n8n.store(async (store) => await store.alias(model, 'champion'));
	const asked = async (model: string) =>
		await n8n.store(async (store) => {
			const [run] = await store.list('run', { name: model });
			return await store.approvalsFor(run.body.model);
		});
	const ask = async (model: string, ...settings: Array<Record<string, unknown>>) => {
		const id = await n8n.begin(await n8n.add(workflow(model, ...settings)));
		await n8n.until(id, ['waiting']);
		return { id, links: await n8n.links(id, APPROVERS) };
	};
	/** The whole run ended in an error that Deploy gave, and no version is in use. */
	const refused = async (execution: Execution, model: string, reason: RegExp) => {
		expect(execution.data.resultData.lastNodeExecuted).toBe('Deploy anyway');
		expect(execution.data.resultData.error?.message).toMatch(reason);
		expect(ran(execution, 'Not approved')).toBe(true);
		expect(ran(execution, 'Deploy')).toBe(false);
		expect(await champion(model)).toBeNull();
	};

	it('shows a page with the facts, however often it is opened, and decides nothing by that', async () => {
		const { id, links } = await ask('looked-at');
		for (let i = 0; i < 3; i++) {
			const page = await get(links.ana);
			expect(page).toMatchObject({ status: 200, type: expect.stringContaining('text/html') });
			expect(page.text).toContain('looked-at');
			expect(page.text).toContain('<form method="post"');
			expect(page.text).toMatch(/accuracy|log loss/i);
		}
		expect(await asked('looked-at')).toMatchObject([{ status: 'pending' }]);
		expect((await n8n.until(id, ['waiting'])).status).toBe('waiting');
		expect(await champion('looked-at')).toBeNull();
	}, 120_000);

	it('refuses a link that was changed', async () => {
		const { links } = await ask('tampered-with');
		const other = new URL(links.ana);
		other.searchParams.set('token', new URL(links.bo).searchParams.get('token')!);
		const signature = new URL(links.ana);
		signature.searchParams.set(
			'signature',
			signature.searchParams.get('signature')!.replace(/^./, (c) => (c === 'a' ? 'b' : 'a')),
		);
		for (const link of [other, signature].map(String)) {
			for (const answer of [await get(link), await post(link, 'approved')])
				expect(answer).toMatchObject({ status: 401, type: expect.stringContaining('text/html') });
		}
		expect(await asked('tampered-with')).toMatchObject([{ status: 'pending' }]);
	}, 120_000);

	it('takes one of two decisions made at the same moment, and tells the other who was first', async () => {
		const { id, links } = await ask('raced-for');
		const answers = await Promise.all([post(links.ana, 'approved', 'from ana'), post(links.bo, 'approved', 'from bo')]);
		const execution = await n8n.until(id, ['success']);
		const [decision] = await asked('raced-for');
		expect(decision.status).toBe('approved');
		const loser = answers[decision.decidedBy === 'ana' ? 1 : 0];
		expect(answers.map((a) => a.status).sort()).toEqual([200, 409]);
		expect(loser).toMatchObject({ status: 409, type: expect.stringContaining('text/html') });
		expect(loser.text).toContain(decision.decidedBy);
		expect(decision.comment).toBe(`from ${decision.decidedBy}`);
		const events = await n8n.store(async (store) => await store.auditLog({ subject: 'raced-for' }));
		expect(events.filter((e) => e.action === 'approval.decided')).toHaveLength(1);
		expect(execution.data.resultData.runData.Deploy).toHaveLength(1);
		expect(await champion('raced-for')).toBe(1);

		for (const link of Object.values(links)) {
			for (const later of [await get(link), await post(link, 'rejected')]) {
				expect(later.type).toContain('text/html');
				expect(later.status).toBeLessThan(500);
			}
		}
		expect(await asked('raced-for')).toMatchObject([{ status: 'approved', decidedBy: decision.decidedBy }]);
	}, 120_000);

	it('goes on after n8n was restarted in between; what expired meanwhile leaves by "Not approved"', async () => {
		const waiting = await ask('waited-for');
		// Long enough that it still waits when n8n stops: an execution that runs just then is one that crashed, to n8n.
		const expiring = await ask('forgotten', { expiresHours: 0.005 });
		await n8n.restart();

		expect((await get(waiting.links.bo)).status).toBe(200);
		expect((await post(waiting.links.bo, 'approved', 'after the restart')).status).toBe(200);
		const approved = await n8n.until(waiting.id, ['success']);
		expect(ran(approved, 'Not approved')).toBe(false);
		expect(await champion('waited-for')).toBe(1);

		await refused(await n8n.until(expiring.id, ['error']), 'forgotten', /ended without a decision/);
		for (const late of [await get(expiring.links.ana), await post(expiring.links.ana, 'approved')]) {
			expect(late.type).toContain('text/html');
			expect(late.text).not.toContain('method="post"');
		}
		expect(await champion('forgotten')).toBeNull();
	}, 240_000);

	it('goes on from a decision that was kept while n8n was stopped before the workflow could', async () => {
		const { id, links } = await ask('cut-off');
		const [{ id: approvalId }] = await asked('cut-off');
		await n8n.store(async (store) => await store.decideApproval(approvalId, 'approved', 'ana', 'just before the power failed'));
		expect((await get(links.bo)).text).toContain('ana');
		expect((await n8n.until(id, ['waiting'])).status).toBe('waiting');
		await sleep(10_500);
		expect((await get(links.bo)).text).toContain('ana');
		const execution = await n8n.until(id, ['success']);
		expect(itemsOf(execution, 'Ask', 1)[0].json.approval).toMatchObject({
			status: 'approved',
			by: 'ana',
			comment: 'just before the power failed',
		});
		expect(await champion('cut-off')).toBe(1);
	}, 120_000);

	it('leaves by "Not approved" when it is rejected, and Deploy behind it refuses', async () => {
		const { id, links } = await ask('rejected');
		expect((await post(links.ana, 'rejected', 'too early')).status).toBe(200);
		await refused(await n8n.until(id, ['error']), 'rejected', /ana rejected this model: "too early"/);
	}, 120_000);

	it.each([
		['disabled on the canvas', 'switched-off', {}, { disabled: true }, /nobody has been asked/],
		[
			'failing before it asked, and set to continue',
			'nobody-named',
			{ approvers: ' , ' },
			{ onError: 'continueRegularOutput' },
			/nobody has been asked/,
		],
		[
			'failing to send its links, and set to continue',
			'not-sent',
			{ channel: 'webhook', url: 'http://127.0.0.1:9/' },
			{ onError: 'continueRegularOutput' },
			/ended without a decision/,
		],
	])(
		'deploys nothing with the node %s',
		async (_what, model, parameters, settings, reason) => {
			const id = await n8n.begin(await n8n.add(workflow(model, parameters, settings)));
			await refused(await n8n.until(id, ['error']), model, reason);
		},
		120_000,
	);

	describe('decided in the console of a model server', () => {
		let server: Served;
		let ana: SignedIn;
		beforeAll(async () => {
			await n8n.store(async (store) => await account(store, 'approver', 'ana@example.com'));
			server = await startServe(n8n.home, []);
			ana = await signIn(server, 'ana@example.com');
		}, 60_000);
		afterAll(async () => await server?.stop());

		const waits = async (model: string) => {
			const execution = await n8n.begin(await n8n.add(workflow(model, { approvers: 'Ana@example.com, bo' })));
			await n8n.until(execution, ['waiting']);
			const [{ id }] = await asked(model);
			return { execution, id };
		};
		/** How the approval says that n8n stands. */
		const goesOn = async (id: string, enough: (state: Loose) => boolean): Promise<Loose> => {
			for (let i = 0; ; i++) {
				const { goesOn: state } = (await ana.ask('GET', `/approvals/${id}`)).body;
				if (state && enough(state)) return state;
				if (i > 240) throw new Error(JSON.stringify(state));
				await sleep(250);
			}
		};

		it('goes on, in the name of who signed in; the link says so', async () => {
			const { execution, id } = await waits('by-console');
			const links = await n8n.links(execution, ['bo']);
			expect((await ana.ask('GET', '/approvals?which=mine')).body.entries).toMatchObject([{ id, mayDecide: true }]);
			const decided = await ana.ask('POST', `/approvals/${id}/decision`, { decision: 'approved', comment: 'looks <b>good</b>' });
			expect([decided.status, decided.body.decidedBy]).toEqual([200, 'ana@example.com']);
			const done = await n8n.until(execution, ['success']);
			expect(itemsOf(done, 'Ask', 1)[0].json.approval).toMatchObject({
				status: 'approved',
				by: 'ana@example.com',
				comment: 'looks <b>good</b>',
			});
			expect(ran(done, 'Not approved')).toBe(false);
			expect(await champion('by-console')).toBe(1);
			expect(await goesOn(id, ({ state }) => String(state) === 'went_on')).toMatchObject({ said: 'n8n has gone on.' });
			expect((await get(links.bo)).status).toBeLessThan(500);
			const again = await ana.ask('POST', `/approvals/${id}/decision`, { decision: 'rejected' });
			expect(again.status).toBe(409);
			expect(String(again.body.error.message)).toMatch(/^ana@example.com approved this on /);
		}, 120_000);

		it('goes on also where n8n was away at that moment, once it is back', async () => {
			const { execution, id } = await waits('while-away');
			await n8n.kill();
			const decided = await ana.ask('POST', `/approvals/${id}/decision`, { decision: 'rejected', comment: 'too early' });
			expect(decided.body.status).toBe('rejected');
			const away = await goesOn(id, ({ tries }) => Number(tries) >= 2);
			expect(away).toMatchObject({ state: 'calling', said: expect.stringContaining('n8n cannot be reached') });
			await n8n.restart();
			await refused(await n8n.until(execution, ['error']), 'while-away', /ana@example.com rejected this model: "too early"/);
			expect(await goesOn(id, ({ state }) => String(state) !== 'calling')).toMatchObject({ state: 'went_on' });
		}, 240_000);

		it('goes on by nobody who knows the address alone', async () => {
			const { execution, id } = await waits('address-known');
			const resume = (await n8n.store(async (store) => await store.approval(id)))!.resume!;
			const call = async (url: string, approval: string) =>
				await read(
					await fetch(url, {
						method: 'POST',
						headers: { 'content-type': 'application/json' },
						body: JSON.stringify({ approval, decision: 'approved', token: 'x' }),
					}),
				);
			expect((await call(resume, id)).text).toBe('{"mlops":"undecided"}');
			const [other] = await asked('by-console');
			expect((await call(resume, other.id)).text).toBe('{"mlops":"undecided"}');
			expect((await get(resume)).status).toBe(409);
			expect((await call(`${resume}&token=x`, id)).status).toBe(401);
			expect((await n8n.until(execution, ['waiting'])).status).toBe('waiting');
			expect(await asked('address-known')).toMatchObject([{ status: 'pending' }]);
			expect(JSON.stringify((await ana.ask('GET', `/approvals/${id}`)).body)).not.toContain('webhook-waiting');
		}, 120_000);
	});
});
