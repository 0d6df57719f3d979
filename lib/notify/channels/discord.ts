import { z } from 'zod/v4';
import { defineChannel, type Message } from '../contract.js';
import { cut, joinWithin, post, safeLinks } from '../deliver.js';

const COLORS = { info: 0x4257c9, success: 0x1a7f55, warning: 0xd08a1d, error: 0xb3322b } as const;

/** Text with Discord's markup characters made plain. */
export const discordText = (text: string): string =>
	text.replace(/[\\*_~`|>[\]()#-]/g, (c, at: number, all: string) =>
		c === '-' || c === '#' ? (at === 0 || all[at - 1] === '\n' ? `\\${c}` : c) : `\\${c}`,
	);

/** A message as one embed, within Discord's limits (6,000 characters in all); nobody is mentioned, whatever the text says. */
export function discordBody(message: Message): Record<string, unknown> {
	const links = joinWithin(
		safeLinks(message.links)
			.slice(0, 8)
			.map((l) => `**[${discordText(cut(l.label, 80))}](${l.url.replace(/[()]/g, encodeURIComponent)})**`),
		' · ',
		1500,
	);
	return {
		allowed_mentions: { parse: [] },
		embeds: [
			{
				title: cut(message.title, 250),
				color: COLORS[message.severity],
				description: [cut(discordText(message.text), 2400), links].filter(Boolean).join('\n\n') || undefined,
				fields: message.facts
					.slice(0, 12)
					.map((f) => ({ name: cut(f.label, 60) || '–', value: cut(discordText(f.value), 100) || '–', inline: f.value.length <= 24 })),
			},
		],
	};
}

export const discord = defineChannel({
	id: 'discord',
	label: 'Discord',
	description: 'Posts to a Discord channel through a webhook.',
	params: z.object({
		webhookUrl: z.string().default('').meta({
			title: 'Webhook URL',
			description: 'In Discord: channel settings, Integrations, Webhooks, copy the address.',
			ui: 'password',
			placeholder: 'https://discord.com/api/webhooks/...',
		}),
		username: z
			.string()
			.max(80)
			.default('')
			.meta({ title: 'Name Shown', description: 'Name under which the message appears; empty takes that of the webhook.', advanced: true }),
	}),
	async send(message, params, _secrets, context) {
		const { attempts } = await post({
			channel: 'Discord',
			url: params.webhookUrl,
			body: JSON.stringify({ ...discordBody(message), ...(params.username ? { username: params.username } : {}) }),
			context,
		});
		return { channel: 'discord', to: 'webhook', attempts };
	},
});
