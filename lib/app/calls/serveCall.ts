import type { z } from 'zod/v4';
import { serveOptions } from '../../domain/serveOptions.js';
import { useServer, type ServerUse } from '../serverProcess.js';
import type { Session } from '../session.js';
import { checkedRequest } from './checkedRequest.js';

/** What MLOps Server asks, for scripts. */
export const serveRequest = serveOptions;
export type ServeRequest = z.input<typeof serveRequest>;

/**
 * Starts the model server of a store as a process beside this one, or shares the one that this process started at that port.
 * @throws `serve.port_taken`, `input.invalid`, `compute.task_died`
 */
export async function serve({ store, context, actor }: Session, asked: ServeRequest): Promise<ServerUse> {
	return await useServer(store.ref, checkedRequest(serveRequest, asked, 'serve'), {
		name: actor,
		hear: ({ kind, text }) => {
			if (kind === 'trouble') context.note('serve.trouble', text);
		},
	});
}
