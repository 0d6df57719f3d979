import fs from 'node:fs';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';

// n8n sends execution data "flatted"; n8n-workflow brings the reader.
const { parse } = createRequire(createRequire(import.meta.url).resolve('n8n-workflow'))('flatted');

/** Starts a workflow the way the editor's button does and returns the execution's id. */
export async function startByHand(call, workflowId, trigger) {
	const workflowData = await call('GET', `/rest/workflows/${workflowId}`);
	const { executionId } = await call('POST', `/rest/workflows/${workflowId}/run`, { workflowData, triggerToStartFrom: { name: trigger } });
	return executionId;
}

/** Waits until an execution is in one of the states; `each` sees every look. */
export async function untilState(call, id, states, { seconds, each = () => {} }) {
	for (const until = Date.now() + seconds * 1000; Date.now() < until; await sleep(500)) {
		const execution = await call('GET', `/rest/executions/${id}`);
		each(execution);
		if (states.includes(execution.status)) return { ...execution, data: typeof execution.data === 'string' ? parse(execution.data) : execution.data };
		if (['error', 'crashed', 'canceled'].includes(execution.status)) {
			const data = typeof execution.data === 'string' ? parse(execution.data) : execution.data;
			const error = data?.resultData?.error;
			throw new Error(`The workflow ended with "${execution.status}"${error ? `: ${error.message} ${error.description ?? ''}` : ''}`);
		}
	}
	throw new Error(`Execution ${id} was not ${states.join(' or ')} within ${seconds} s.`);
}

/** The approval link that n8n's log names for an approver. */
export async function approvalLink(log, approver, seconds = 30) {
	const pattern = new RegExp(`${approver.replace(/[^\w]/g, '\\$&')}[^\\n]*?(https?://\\S+/webhook-waiting/\\S+)`);
	for (const until = Date.now() + seconds * 1000; Date.now() < until; await sleep(250)) {
		const found = pattern.exec(fs.readFileSync(log, 'utf8'));
		if (found) return found[1];
	}
	throw new Error(`n8n's log names no approval link for ${approver}.`);
}

/** Opens the page, as a person would, and sends its form. */
export async function approve(link, comment) {
	const page = await fetch(link);
	const html = await page.text();
	if (!page.ok || !/<form/i.test(html)) throw new Error(`The approval page answered ${page.status}: ${html.slice(0, 300)}`);
	const answer = await fetch(link, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams({ decision: 'approved', comment }) });
	if (!answer.ok) throw new Error(`The approval was answered with ${answer.status}: ${(await answer.text()).slice(0, 300)}`);
	return html;
}
