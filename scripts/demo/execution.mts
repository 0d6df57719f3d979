import { setTimeout as sleep } from 'node:timers/promises';

export interface Item {
	// What nodes put into items is theirs.
	// eslint-disable-next-line @typescript-eslint/no-explicit-any
	json: Record<string, any>;
	binary?: Record<string, { mimeType: string; fileType?: string; id?: string; data: string }>;
}

export interface NodeRun {
	executionStatus: string;
	executionTime: number;
	startTime: number;
	data?: { main: Array<Item[] | null> };
	error?: { message: string; description?: string };
}

export interface Execution {
	status: string;
	data: {
		resultData: { runData: Record<string, NodeRun[]>; error?: { message: string; description?: string }; lastNodeExecuted?: string };
	};
}

export interface Template {
	id: string;
	name: string;
	// The nodes of a workflow file, as n8n defines them.
	// eslint-disable-next-line @typescript-eslint/no-explicit-any
	nodes: any[];
	connections: Record<string, { main: Array<Array<{ node: string }>> }>;
}

export interface Executions {
	/** Starts a workflow at a trigger and gives the execution's id. */
	start(template: Pick<Template, 'id'>, trigger: string): Promise<string>;
	/** Its status and n8n's run data. */
	look(id: string): Promise<Execution>;
}

export interface HostOptions {
	folder: string;
	env: Record<string, string>;
	say(text: string): void;
}

/** Where the demo's workflow runs. */
export interface Host extends Omit<Executions, 'start'> {
	/** Name and version for people. */
	name: string;
	/** Where `/healthz` and links of waiting executions are answered. */
	url: string;
	/** n8n's own log file. */
	log: string;
	start(template: Template, trigger: string): Promise<string>;
	/** All that it logged so far. */
	lines(): string[];
	stop(): Promise<void>;
}

/** Waits until an execution of a host is in one of the states; `each` is called at every look. */
export async function untilState(
	host: Pick<Executions, 'look'>,
	id: string,
	states: readonly string[],
	{ seconds, each = () => {} }: { seconds: number; each?: () => void },
): Promise<Execution> {
	for (const until = Date.now() + seconds * 1000; Date.now() < until; await sleep(500)) {
		const execution = await host.look(id);
		each();
		if (states.includes(execution.status)) return execution;
		if (['success', 'error', 'crashed', 'canceled'].includes(execution.status)) {
			const { error, lastNodeExecuted: last } = execution.data?.resultData ?? {};
			const why = `${last ? ` at "${last}"` : ''}${error ? `: ${error.message} ${error.description ?? ''}` : ''}`;
			throw new Error(`The workflow ended with "${execution.status}"${why}`);
		}
	}
	throw new Error(`Execution ${id} was not ${states.join(' or ')} within ${seconds} s.`);
}

/** Our nodes' lines in n8n's log: `[mlops] Train: Training trees, 40 %`. */
const OURS = /\[mlops\] (.*)/;

/** A function that gives `each` the lines of our nodes that are new since its last call. */
export function follow(host: Pick<Host, 'lines'>, each: (line: string) => void): () => void {
	let seen = 0;
	return () => {
		const lines = host.lines();
		for (const line of lines.slice(seen)) {
			const found = OURS.exec(line);
			if (found) each(found[1]);
		}
		seen = lines.length;
	};
}

/** The approval link that n8n's log names for an approver. */
export async function approvalLink(host: Pick<Host, 'lines'>, approver: string, seconds = 30): Promise<string> {
	const pattern = new RegExp(`${approver.replace(/[^\w]/g, '\\$&')}.*?(https?://\\S+/webhook-waiting/\\S+)`);
	for (const until = Date.now() + seconds * 1000; Date.now() < until; await sleep(250)) {
		for (const line of host.lines()) {
			const found = pattern.exec(line);
			if (found) return found[1];
		}
	}
	throw new Error(`n8n's log names no approval link for ${approver}.`);
}

/** Opens the page, as a person would, and sends its form. */
export async function approve(link: string, comment: string): Promise<string> {
	const page = await fetch(link);
	const html = await page.text();
	if (!page.ok || !/<form/i.test(html)) throw new Error(`The approval page answered ${page.status}: ${html.slice(0, 300)}`);
	const answer = await fetch(link, {
		method: 'POST',
		headers: { 'content-type': 'application/x-www-form-urlencoded' },
		body: new URLSearchParams({ decision: 'approved', comment }),
	});
	if (!answer.ok) throw new Error(`The approval was answered with ${answer.status}: ${(await answer.text()).slice(0, 300)}`);
	return html;
}
