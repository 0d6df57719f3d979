import { z } from 'zod/v4';
import { defineChannel, type Message } from '../contract.js';
import { cut, post, safeLinks } from '../deliver.js';

const COLORS = { info: 'Accent', success: 'Good', warning: 'Warning', error: 'Attention' } as const;
const MARKS = { info: '', success: '✓ ', warning: '⚠ ', error: '✗ ' } as const;

/** Characters that an Adaptive Card's text would take for markup. */
export const cardText = (text: string): string => text.replace(/[\\*_[\]`~#]/g, '\\$&');

/** A message as an Adaptive Card in the envelope that Teams' webhooks take (28 KB at most, so long parts are cut). */
export function teamsBody(message: Message): Record<string, unknown> {
	return {
		type: 'message',
		attachments: [
			{
				contentType: 'application/vnd.microsoft.card.adaptive',
				contentUrl: null,
				content: {
					$schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
					type: 'AdaptiveCard',
					version: '1.4',
					msteams: { width: 'Full' },
					body: [
						{
							type: 'TextBlock',
							size: 'Large',
							weight: 'Bolder',
							wrap: true,
							color: COLORS[message.severity],
							text: MARKS[message.severity] + cardText(cut(message.title, 300)),
						},
						...(message.text ? [{ type: 'TextBlock', wrap: true, text: cardText(cut(message.text, 6000)).replace(/\n/g, '\n\n') }] : []),
						...(message.facts.length
							? [
									{
										type: 'FactSet',
										facts: message.facts
											.slice(0, 20)
											.map((f) => ({ title: cardText(cut(f.label, 100)), value: cardText(cut(f.value, 400)) })),
									},
								]
							: []),
					],
					actions: safeLinks(message.links)
						.slice(0, 6)
						.map((l) => ({ type: 'Action.OpenUrl', title: cut(l.label, 80), url: l.url })),
				},
			},
		],
	};
}

export const teams = defineChannel({
	id: 'teams',
	label: 'Microsoft Teams',
	description: 'Posts a card to a Teams channel or chat through a webhook.',
	params: z.object({
		webhookUrl: z.string().default('').meta({
			title: 'Webhook URL',
			description: 'In Teams: Workflows, "Post to a channel when a webhook request is received", copy the address.',
			ui: 'password',
			placeholder: 'https://...',
		}),
	}),
	async send(message, params, _secrets, context) {
		const { attempts } = await post({
			channel: 'Microsoft Teams',
			url: params.webhookUrl,
			body: JSON.stringify(teamsBody(message)),
			context,
			// The older connectors say 200 and report the failure in the text.
			problem: (answer) => (/failed|error/i.test(answer) && !answer.startsWith('{') ? answer : undefined),
		});
		return { channel: 'teams', to: 'webhook', attempts };
	},
});
