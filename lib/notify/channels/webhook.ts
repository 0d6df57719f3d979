import { createHmac, randomUUID } from 'node:crypto';
import { z } from 'zod/v4';
import { defineChannel } from '../contract.js';
import { post, safeLinks } from '../deliver.js';

/** `sha256=` and the HMAC over timestamp, a dot and the body: a receiver that checks it knows who sent it and when. */
export const signature = (secret: string, timestamp: string, body: string): string =>
	`sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;

export const webhook = defineChannel({
	id: 'webhook',
	label: 'Webhook',
	description: 'Sends the message as JSON to any web address, signed if you give a secret.',
	params: z.object({
		url: z
			.string()
			.default('')
			.meta({ title: 'URL', description: 'Where the JSON is sent by POST.', placeholder: 'https://example.com/hooks/mlops' }),
		secret: z.string().default('').meta({
			title: 'Signing Secret',
			description: 'If given, the header X-Mlops-Signature holds an HMAC-SHA256 over X-Mlops-Timestamp, a dot and the body.',
			ui: 'password',
			advanced: true,
		}),
		includeItem: z.boolean().default(true).meta({
			title: 'Send the Item Along',
			description: 'Whether the receiver also gets the whole item, for programs that read more than the text.',
			advanced: true,
		}),
	}),
	credential: { name: 'httpHeaderAuth', label: 'Header Auth', required: false },
	async send(message, params, secrets, context) {
		const id = randomUUID();
		const sentAt = new Date().toISOString();
		const body = JSON.stringify({
			id,
			sentAt,
			title: message.title,
			text: message.text,
			severity: message.severity,
			facts: message.facts,
			links: safeLinks(message.links),
			...(params.includeItem && message.data ? { item: message.data } : {}),
		});
		const [name, value] = [secrets.name, secrets.value];
		const auth = typeof name === 'string' && typeof value === 'string' && name ? { [name]: value } : {};
		const { attempts } = await post({
			channel: 'the webhook',
			url: params.url,
			body,
			context,
			secrets: [params.secret, ...Object.values(auth)],
			headers: {
				'X-Mlops-Delivery': id,
				'X-Mlops-Timestamp': sentAt,
				...(params.secret ? { 'X-Mlops-Signature': signature(params.secret, sentAt, body) } : {}),
				...auth,
			},
		});
		return { channel: 'webhook', to: new URL(params.url.trim()).host, attempts, id };
	},
});
