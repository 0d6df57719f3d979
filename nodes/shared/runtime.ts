import type { IExecuteFunctions, ILoadOptionsFunctions, IWebhookFunctions } from 'n8n-workflow';
import type { Pool } from '../../lib/compute/pool.js';
import type { Job } from '../../lib/compute/contract.js';
import type { Context, Progress } from '../../lib/domain/progress.js';
import { lineText } from '../../lib/domain/text.js';
import { timeLeft } from '../../lib/domain/timeLeft.js';
import type { Store } from '../../lib/store/contract.js';
import { nodeError } from './execute.js';

/** n8n's context as `lib/` sees it: a store, a pool for heavy work, a logger with progress and cancellation. */
export interface Runtime {
	store: Store;
	/** Runs a job outside n8n's process; progress goes to the store (key: the execution), n8n's log and the browser's console. */
	run<I, O>(job: Job<I, O>, input: I): Promise<O>;
	context: Context;
	/** Who acts, for the audit log. */
	actor: string;
}

type AnyFunctions = IExecuteFunctions | ILoadOptionsFunctions | IWebhookFunctions;

/** Opened once a process; `lib/store` shares the handle. Loaded when first needed, so that a node's file stays light. */
export async function openRuntimeStore(): Promise<Store> {
	const [{ openStore }, { resolveStore }] = await Promise.all([
		import('../../lib/store/openStore.js'),
		import('../../lib/store/location.js'),
	]);
	return await openStore(resolveStore(process.env));
}

export async function runtimeOf(functions: IExecuteFunctions): Promise<Runtime> {
	const store = await openRuntimeStore().catch((thrown: unknown) => {
		throw nodeError(functions.getNode(), thrown);
	});
	const { sharedPool } = await import('../../lib/compute/pool.js');
	const pool: Pool = sharedPool();
	const context = contextOf(functions, store);
	return {
		store,
		context,
		actor: actorOf(functions),
		run: async (job, input) => await pool.run(job, input, { context: withTimeLeft(context) }),
	};
}

/** Each job has a clock of its own. */
function withTimeLeft(context: Context): Context {
	const timed = timeLeft();
	return { ...context, report: (progress) => context.report(timed(progress)) };
}

/** The audit log's actor: the workflow, its id, and the execution. n8n tells nodes no user. */
export function actorOf(functions: AnyFunctions): string {
	const workflow = functions.getWorkflow();
	return `workflow "${workflow.name ?? 'unsaved'}" (${workflow.id ?? 'no id'})`;
}

const SAY_EVERY_MS = 1_000;

function contextOf(functions: IExecuteFunctions, store: Store): Context {
	const node = functions.getNode().name;
	const key = `${functions.getExecutionId() ?? 'manual'}/${node}`;
	let said = 0;
	let saving: Promise<unknown> = Promise.resolve();
	const tell = (progress: Progress): void => {
		const now = Date.now();
		if (now - said < SAY_EVERY_MS && progress.share !== 1) return;
		said = now;
		const text = progressText(progress);
		functions.logger.info(lineText(`[mlops] ${node}: ${text}`));
		if (functions.getMode() === 'manual') functions.sendMessageToUI(`${node}: ${text}`);
		// One write at a time; a missed progress mark harms nobody, so a failure here must not end the work.
		saving = saving.then(async () => await store.setProgress(key, { ...progress, node, at: new Date().toISOString() })).catch(() => {});
	};
	return {
		report: tell,
		note: (code, text) => {
			functions.logger.info(lineText(`[mlops] ${node}: ${text} (${code})`));
		},
		signal: functions.getExecutionCancelSignal() ?? new AbortController().signal,
	};
}

/** `Training trees, 40 %, 12 s left, auc 0.701` */
export function progressText(p: Progress): string {
	const parts = [p.stage];
	if (p.share !== undefined) parts.push(`${Math.round(p.share * 100)} %`);
	if (p.secondsLeft !== undefined) parts.push(`${Math.ceil(p.secondsLeft)} s left`);
	if (p.metric) parts.push(`${p.metric.name} ${p.metric.value.toFixed(4)}`);
	return parts.join(', ');
}
