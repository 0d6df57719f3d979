import { z } from 'zod/v4';
import { defineChannel } from '../contract.js';

/** Lines of n8n's log; needs no account anywhere, so it is what a newcomer starts with. */
export const log = defineChannel({
	id: 'log',
	label: 'n8n Log',
	description: "Writes into the log of n8n and the browser's console; nothing has to be set up.",
	params: z.object({}),
	toLog: true,
	async send(message, _params, _secrets, context) {
		const facts = message.facts.map((f) => `${f.label}: ${f.value}`).join(' · ');
		context.note('notify.message', [message.title, message.text, facts].filter(Boolean).join(' | ').replace(/\s+/g, ' '));
		for (const link of message.links) context.note('notify.link', `${link.label}: ${link.url}`);
		return { channel: 'log', to: "n8n's log", attempts: 1 };
	},
});
