import type { IDataObject, ITriggerFunctions, ITriggerResponse } from 'n8n-workflow';
import type { Position, Watch } from '../../lib/app/events.js';
import type { ServerUse } from '../../lib/app/serverProcess.js';
import { parseParams } from '../../lib/domain/params.js';
import type { EventKind, ItemEvent, ItemServer } from '../../lib/domain/serverEvent.js';
import { serveOptions, type ServeOptions } from '../../lib/domain/serveOptions.js';
import { lineText } from '../../lib/domain/text.js';
import { nodeError } from '../shared/execute.js';
import { readForm } from '../shared/form.js';
import { actorOf, openRuntimeStore, type Store } from '../shared/runtime.js';
import { SERVER_CREDENTIAL } from '../shared/serverCredential.js';

/** Publishing a workflow anew closes its triggers and opens them a moment later: the server is still there then. */
const HAND_OVER_MS = 5_000;
/** After a manual execution, so that people can try the call that they were shown. */
const TRY_MS = 5 * 60_000;

/** What n8n keeps for this node over restarts. */
interface Kept {
	position?: Position;
}

/** Starts the server and listens for events, as the node's fields say. @throws NodeOperationError */
export async function startTrigger(functions: ITriggerFunctions): Promise<ITriggerResponse> {
	const manual = functions.getMode() === 'manual';
	const { logger } = functions;
	const name = functions.getNode().name;
	const say = (text: string) => logger.info(lineText(`[mlops] ${name}: ${text}`));
	let server: ServerUse | undefined;
	try {
		const store = await openRuntimeStore(functions);
		const options = optionsOf(functions);
		const kinds = functions.getNodeParameter('events', []) as EventKind[];
		const note = whyElsewhere(functions);
		if (note !== undefined) say(note);
		const address = (): ItemServer => ({ ...(server ? { url: server.url } : {}), ...(note === undefined ? {} : { note }) });
		const give = (event: ItemEvent, key?: string) =>
			functions.emit([[{ json: { event, server: address() } as unknown as IDataObject }]], undefined, undefined, key);
		if (note === undefined) {
			const { useServer } = await import('../../lib/app/serverProcess.js');
			await adopt(functions, store, options);
			server = await useServer(store.ref, options, {
				name: actorOf(functions),
				hear: ({ kind, text }) => {
					say(text);
					if (kind === 'trouble' && !manual && kinds.includes('serverTrouble')) give(eventNow('serverTrouble', text));
				},
			});
			say(`The model server answers at ${server.url}.`);
		}
		if (manual) return manualResponse(store, options, server, note, functions);
		const stop = await follow(functions, store, { kinds, models: options.models }, give);
		return {
			closeFunction: async () => {
				stop();
				await server?.close(HAND_OVER_MS);
			},
		};
	} catch (thrown) {
		await server?.close();
		throw nodeError(functions.getNode(), thrown);
	}
}

/** A manual execution gives one item: where the server is, and a call to try. */
function manualResponse(
	store: Store,
	options: ServeOptions,
	server: ServerUse | undefined,
	note: string | undefined,
	functions: ITriggerFunctions,
): ITriggerResponse {
	return {
		closeFunction: async () => await server?.close(TRY_MS),
		manualTriggerFunction: async () => {
			const { exampleCall } = await import('../../lib/app/exampleCall.js');
			const curl = server && (await exampleCall(store, server.url, options));
			const what = server
				? `The model server answers at ${server.url}, for five minutes; while the workflow is active it stays. ` +
					(curl === undefined ? 'No model is deployed yet.' : 'The field "curl" is a call to try.')
				: note!;
			const shown: ItemServer = { ...(server ? { url: server.url } : {}), ...(curl ? { curl } : {}), ...(note ? { note } : {}) };
			functions.emit([[{ json: { event: eventNow('serverStarted', what), server: shown } as unknown as IDataObject }]]);
		},
	};
}

/**
 * Follows the audit chain from where this node had read it. n8n keeps the position with the workflow when an execution begins. Where n8n
 * knows keys of executions, the position that is kept stays behind those that began a moment ago, and keys see to it that none is told
 * twice: so an event whose execution n8n could not begin any more, since it was killed, is told after the restart.
 */
async function follow(
	functions: ITriggerFunctions,
	store: Store,
	watch: Watch,
	give: (event: ItemEvent, key?: string) => void,
): Promise<() => void> {
	const { followEvents, laterOf, positionFor } = await import('../../lib/app/events.js');
	const { noteTold } = await import('../../lib/app/incidents.js');
	const told = `The ${actorOf(functions)} was started.`;
	const kept = functions.getWorkflowStaticData('node') as Kept;
	const name = `events/${functions.getWorkflow().id ?? ''}/${functions.getNode().id}`;
	const withKeys = functions.emit.length >= 4;
	const settled = withKeys ? ((await store.progress(name)) as Position | undefined) : undefined;
	const start = await positionFor(store, watch.kinds, laterOf(kept.position, settled));
	kept.position = start;
	return followEvents(store, start, watch, {
		tell(event, positions) {
			kept.position = withKeys ? positions.settled : positions.now;
			give(event, withKeys ? `mlops:${store.id}:${name}:${event.seq}` : undefined);
			// Whoever looks at an incident sees that somebody was told.
			if (event.incident !== undefined) void noteTold(store, event.incident, told).catch(() => {});
		},
		settled: async (position) => await store.setProgress(name, position),
		trouble: (sentence) => functions.logger.warn(lineText(`[mlops] ${functions.getNode().name}: ${sentence}`)),
	});
}

const eventNow = (kind: ItemEvent['kind'], what: string): ItemEvent => ({ kind, what, actor: 'system', at: new Date().toISOString() });

/** Why this node does not run the server itself; undefined where it does. */
function whyElsewhere(functions: ITriggerFunctions): string | undefined {
	if (functions.getNodeParameter('run') === 'subscribe') return 'This node only hears of events; the model server runs elsewhere.';
	if (process.env.EXECUTIONS_MODE !== 'queue' && process.env.N8N_MULTI_MAIN_SETUP_ENABLED !== 'true') return undefined;
	return (
		'n8n runs as several processes (queue or multi-main mode), so this node only hears of events. Run the model server as a container, ' +
		'or by "mlops serve", over the same store.'
	);
}

function optionsOf(functions: ITriggerFunctions): ServeOptions {
	const { parameters } = functions.getNode();
	const values = Object.fromEntries(Object.keys(parameters).map((key) => [key, functions.getNodeParameter(key, undefined)]));
	return parseParams(serveOptions, readForm(serveOptions, values), 'MLOps Server');
}

/** Makes the key of the node's credential, where it has one, known to the server. */
async function adopt(functions: ITriggerFunctions, store: Store, { keys, models }: ServeOptions): Promise<void> {
	if (!keys || !functions.getNode().credentials?.[SERVER_CREDENTIAL]) return;
	const { apiKey } = await functions.getCredentials<{ apiKey: string }>(SERVER_CREDENTIAL);
	const { adoptKey } = await import('../../lib/app/apiKeys.js');
	const label = `credential "${functions.getNode().credentials![SERVER_CREDENTIAL].name}" of n8n`;
	await adoptKey({ store, actor: actorOf(functions) }, { key: apiKey, label, scopes: ['predict', 'feedback', 'read'], models });
}
