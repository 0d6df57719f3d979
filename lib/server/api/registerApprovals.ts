import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Serving } from '../contract.js';
import type { openLastingLink } from '../../app/approvalLinks.js';

type Asked = Partial<Record<'token' | 'to' | 'sig', unknown>>;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/**
 * `/approvals`: an approver's link (lib/app/approvalLinks.ts). The link itself is the key. What posts a decision to it, as to n8n's own
 * link, without having opened the page is sent on with what it says.
 */
export function registerApprovals(app: FastifyInstance, serving: Serving): void {
	const answering = (onward: 303 | 307) => async (request: FastifyRequest, reply: FastifyReply) => {
		const query = request.query as Asked;
		const asked = { token: text(query.token), to: text(query.to), sig: text(query.sig) };
		const answer = (await serving.call('approval', asked)) as Awaited<ReturnType<typeof openLastingLink>>;
		if ('redirect' in answer) {
			return reply
				.code(onward)
				.headers({ location: answer.redirect, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' })
				.send();
		}
		return reply.code(answer.status).headers(answer.headers).send(answer.html);
	};
	app.get('/approvals', answering(303));
	// Before its body is read, which is n8n's.
	app.post('/approvals', { onRequest: answering(307) }, (_request, reply) => reply);
}
