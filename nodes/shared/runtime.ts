import type { IExecuteFunctions, ILoadOptionsFunctions, ITriggerFunctions, IWebhookFunctions } from 'n8n-workflow';
import type { JobOrigin } from '../../lib/app/runningJobs.js';
import type { Session } from '../../lib/app/session.js';
import { progressText, type Context, type Progress } from '../../lib/domain/progress.js';
import { lineText } from '../../lib/domain/text.js';
import { nodeError } from './execute.js';
import { hasOwnStore, STORE_CREDENTIAL } from './storeCredential.js';

/** n8n's context as `lib/` sees it; progress goes to n8n's log and the browser's console, and by the session to the store. */
export type Runtime = Session;
export type Store = Session['store'];

type AnyFunctions = IExecuteFunctions | ILoadOptionsFunctions | ITriggerFunctions | IWebhookFunctions;

/**
 * The store of the node's credential where it asks for one, else the one that the settings name. Opened once a process; `lib/store` shares
 * the handle. Loaded when first needed, so that a node's file stays light.
 */
export async function openRuntimeStore(functions: AnyFunctions): Promise<Store> {
	if (hasOwnStore(functions.getNode())) {
		const { openStoreBy } = await import('../../lib/app/storeAccess.js');
		return await openStoreBy(await functions.getCredentials(STORE_CREDENTIAL));
	}
	const { openOwnStore } = await import('../../lib/app/session.js');
	return await openOwnStore();
}

export async function runtimeOf(functions: IExecuteFunctions): Promise<Runtime> {
	const store = await openRuntimeStore(functions).catch((thrown: unknown) => {
		throw nodeError(functions.getNode(), thrown);
	});
	const { sessionOn } = await import('../../lib/app/session.js');
	return sessionOn(store, { context: contextOf(functions), actor: actorOf(functions), origin: originOf(functions) });
}

/** The audit log's actor: the workflow, its id, and the execution. n8n tells nodes no user. */
export function actorOf(functions: AnyFunctions): string {
	const workflow = functions.getWorkflow();
	return `workflow "${workflow.name ?? 'unsaved'}" (${workflow.id ?? 'no id'})`;
}

/** Where people find the execution that a job belongs to. */
function originOf(functions: IExecuteFunctions): JobOrigin {
	const { id, name } = functions.getWorkflow();
	const execution = functions.getExecutionId();
	const base = functions.getInstanceBaseUrl();
	return {
		...(name ? { workflow: name } : {}),
		...(execution ? { execution } : {}),
		node: functions.getNode().name,
		...(base && id && execution ? { url: `${base.replace(/\/*$/, '/')}workflow/${id}/executions/${execution}` } : {}),
	};
}

/** Says something while the node still works: in n8n's log, and in a test run to whoever looks. */
export function sayMeanwhile(functions: IExecuteFunctions, text: string): void {
	functions.logger.info(lineText(`[mlops] ${functions.getNode().name}: ${text}`));
	if (functions.getMode() === 'manual') functions.sendMessageToUI(lineText(text));
}

const SAY_EVERY_MS = 1_000;

function contextOf(functions: IExecuteFunctions): Context {
	const node = functions.getNode().name;
	let said = 0;
	const tell = (progress: Progress): void => {
		const now = Date.now();
		if (now - said < SAY_EVERY_MS && progress.share !== 1) return;
		said = now;
		const text = progressText(progress);
		functions.logger.info(lineText(`[mlops] ${node}: ${text}`));
		if (functions.getMode() === 'manual') functions.sendMessageToUI(`${node}: ${text}`);
	};
	return {
		progress: tell,
		note: (code, text) => {
			functions.logger.info(lineText(`[mlops] ${node}: ${text} (${code})`));
		},
		signal: functions.getExecutionCancelSignal() ?? new AbortController().signal,
	};
}
