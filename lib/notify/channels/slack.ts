import { z } from 'zod/v4';
import { MlopsError } from '../../domain/errors.js';
import { defineChannel, type Message } from '../contract.js';
import { cut, joinWithin, post, safeLinks } from '../deliver.js';

const COLORS = { info: '#4257c9', success: '#1a7f55', warning: '#d08a1d', error: '#b3322b' } as const;
const API = 'https://slack.com/api/chat.postMessage';

/** Slack's three characters with a meaning; everything else is text. */
export const slackText = (text: string): string => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

/** A message as Slack's blocks, within Slack's limits (header 150, section 3,000, 10 fields). */
export function slackBody(message: Message): Record<string, unknown> {
	const links = joinWithin(
		safeLinks(message.links)
			.slice(0, 10)
			.map((l) => `*<${l.url.replace(/[<>|]/g, encodeURIComponent)}|${slackText(cut(l.label, 80)).replace(/\|/g, '/')}>*`),
		'   ',
		2900,
	);
	const fields = message.facts
		.slice(0, 10)
		.map((f) => ({ type: 'mrkdwn', text: cut(`*${slackText(f.label)}*\n${slackText(f.value)}`, 1900) }));
	return {
		text: slackText(cut(message.title, 300)),
		attachments: [
			{
				color: COLORS[message.severity],
				blocks: [
					{ type: 'header', text: { type: 'plain_text', text: cut(message.title, 150) } },
					...(message.text ? [{ type: 'section', text: { type: 'mrkdwn', text: cut(slackText(message.text), 2900) } }] : []),
					...(fields.length ? [{ type: 'section', fields }] : []),
					...(links ? [{ type: 'section', text: { type: 'mrkdwn', text: links } }] : []),
				],
			},
		],
	};
}

export const slack = defineChannel({
	id: 'slack',
	label: 'Slack',
	description: 'Posts to a Slack channel, through an incoming webhook or a bot token.',
	params: z.object({
		via: z
			.enum(['webhook', 'token'])
			.default('webhook')
			.meta({
				title: 'Connect Through',
				description: 'An incoming webhook posts to one channel; a bot token posts to any channel the bot is in.',
				labels: { webhook: 'Incoming webhook', token: 'Bot token (Slack credential)' },
			}),
		webhookUrl: z
			.string()
			.default('')
			.meta({
				title: 'Webhook URL',
				description: 'The address that Slack gave you when you added an incoming webhook.',
				ui: 'password',
				placeholder: 'https://hooks.slack.com/services/...',
				when: { via: ['webhook'] },
			}),
		channel: z
			.string()
			.default('')
			.meta({ title: 'Channel', description: 'Name or id of the channel.', placeholder: '#machine-learning', when: { via: ['token'] } }),
		apiUrl: z
			.string()
			.default(API)
			.meta({
				title: 'API Address',
				description: 'Change this only for a proxy in front of Slack.',
				advanced: true,
				when: { via: ['token'] },
			}),
	}),
	credential: { name: 'slackApi', label: 'Slack', required: true, when: { via: ['token'] } },
	async send(message, params, secrets, context) {
		const body = slackBody(message);
		if (params.via === 'webhook') {
			const { attempts } = await post({ channel: 'Slack', url: params.webhookUrl, body: JSON.stringify(body), context });
			return { channel: 'slack', to: 'incoming webhook', attempts };
		}
		const token = typeof secrets.accessToken === 'string' ? secrets.accessToken : '';
		if (!token || !params.channel) {
			throw new MlopsError('input.invalid', token ? 'Slack: no channel was given.' : 'Slack: the credential holds no access token.', {
				remedy: token ? 'Enter the channel, for example #machine-learning.' : 'Choose a Slack credential with a bot token.',
			});
		}
		const { answer, attempts } = await post({
			channel: 'Slack',
			url: params.apiUrl,
			body: JSON.stringify({ channel: params.channel, ...body }),
			headers: { Authorization: `Bearer ${token}` },
			secrets: [token],
			context,
			problem: slackProblem,
		});
		const { ts } = JSON.parse(answer) as { ts?: string };
		return { channel: 'slack', to: params.channel, attempts, ...(ts ? { id: ts } : {}) };
	},
});

/** Slack's API answers 200 even when it refuses. */
function slackProblem(answer: string): string | undefined {
	try {
		const { ok, error } = JSON.parse(answer) as { ok?: boolean; error?: string };
		return ok ? undefined : (error ?? 'refused');
	} catch {
		return 'no answer of Slack';
	}
}
