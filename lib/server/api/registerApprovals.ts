import type { FastifyInstance } from 'fastify';
import type { Serving } from '../contract.js';
import type { openLastingLink } from '../../app/approvalLinks.js';

type Asked = Partial<Record<'token' | 'to' | 'sig', unknown>>;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** `GET /approvals`: an approver's link (lib/app/approvalLinks.ts). The link itself is the key. */
export function registerApprovals(app: FastifyInstance, serving: Serving): void {
	app.get<{ Querystring: Asked }>('/approvals', async ({ query }, reply) => {
		const asked = { token: text(query.token), to: text(query.to), sig: text(query.sig) };
		const answer = (await serving.call('approval', asked)) as Awaited<ReturnType<typeof openLastingLink>>;
		if ('redirect' in answer) {
			return reply.code(303).headers({ location: answer.redirect, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }).send();
		}
		return reply.code(answer.status).headers(answer.headers).send(answer.html);
	});
}
