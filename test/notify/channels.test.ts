import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { type MlopsError } from '../../lib/domain/errors';
import { silentContext } from '../../lib/domain/progress';
import { sendMessage, type Message } from '../../lib/app/sendMessage';
import { channels } from '../../lib/notify/channels/index';
import { signature } from '../../lib/notify/channels/webhook';
import { redact } from '../../lib/notify/deliver';
import { closeServers, httpServer, smtpServer, type Answer } from './servers';

const message: Message = {
	title: 'Model <b>late</b> & co passed',
	text: 'AUC is *0.702*.\n✓ [x](http://evil.example) @everyone <!channel>',
	facts: [
		{ label: 'Data', value: 'flights <script>' },
		{ label: 'Rows', value: '3,000,000' },
	],
	severity: 'success',
	links: [
		{ label: 'Decide', url: 'https://n8n.example.com/webhook-waiting/1?signature=abc' },
		{ label: 'bad', url: 'javascript:alert(1)' },
	],
	data: { evaluation: { metrics: { auc: 0.702 } } },
};
const context = silentContext();

afterEach(closeServers);

async function against(
	answers: Answer[],
	id: string,
	params: (url: string) => Record<string, unknown>,
	secrets: Record<string, unknown> = {},
	sent: Message = message,
) {
	const server = await httpServer(answers);
	try {
		const result = await notify(id, sent, params(server.url), secrets, context).then(
			(delivery) => ({ delivery, error: undefined }),
			(error: unknown) => ({ delivery: undefined, error: error as MlopsError }),
		);
		return { ...result, received: server.received, url: server.url };
	} finally {
		await server.close();
	}
}

/** Sends, with a credential of these fields. */
const notify = async (
	id: string,
	to: Message,
	params: Record<string, unknown>,
	secrets: Record<string, unknown>,
	given: ReturnType<typeof silentContext>,
) => await sendMessage(id, to, { params, credential: async () => await Promise.resolve(secrets), context: given });

const HOOK = '/services/T000/B000/very-secret-part';

describe('Slack', () => {
	it('posts blocks through an incoming webhook, with Slack’s control characters escaped and unsafe links left out', async () => {
		const { delivery, received } = await against([{ status: 200 }], 'slack', (url) => ({ webhookUrl: url + HOOK }));
		expect(delivery).toEqual({ channel: 'slack', to: 'incoming webhook', attempts: 1 });
		const body = JSON.parse(received[0].body);
		expect(received[0].url).toBe(HOOK);
		expect(body.attachments[0].blocks[0]).toEqual({ type: 'header', text: { type: 'plain_text', text: message.title } });
		expect(received[0].body).toContain('&lt;!channel&gt;');
		expect(received[0].body).toContain('<https://n8n.example.com/webhook-waiting/1?signature=abc|Decide>');
		expect(received[0].body).not.toContain('javascript:');
	});

	it('keeps to Slack’s limits whatever the message holds', async () => {
		const long: Message = {
			...message,
			title: 't'.repeat(5000),
			text: 'x'.repeat(50_000),
			facts: Array.from({ length: 60 }, (_, i) => ({ label: `fact ${i}`, value: 'v'.repeat(5000) })),
		};
		const { received } = await against([{ status: 200 }], 'slack', (url) => ({ webhookUrl: url + HOOK }), {}, long);
		const { blocks } = JSON.parse(received[0].body).attachments[0];
		expect(blocks[0].text.text.length).toBeLessThanOrEqual(150);
		expect(blocks[1].text.text.length).toBeLessThanOrEqual(3000);
		expect(blocks[2].fields).toHaveLength(10);
		for (const field of blocks[2].fields) expect(field.text.length).toBeLessThanOrEqual(2000);
	});

	it('uses the token of an n8n Slack credential and takes a refusal inside an answer of 200 as a failure', async () => {
		const fine = await against(
			[{ status: 200, body: '{"ok":true,"ts":"17.1"}' }],
			'slack',
			(url) => ({ via: 'token', channel: '#ml', apiUrl: url }),
			{ accessToken: 'xoxb-secret' },
		);
		expect(fine.delivery).toEqual({ channel: 'slack', to: '#ml', attempts: 1, id: '17.1' });
		expect(fine.received[0].headers.authorization).toBe('Bearer xoxb-secret');
		const refused = await against(
			[{ status: 200, body: '{"ok":false,"error":"channel_not_found"}' }],
			'slack',
			(url) => ({ via: 'token', channel: '#ml', apiUrl: url }),
			{ accessToken: 'xoxb-secret' },
		);
		expect(refused.error).toMatchObject({ code: 'notify.channel_failed' });
		expect(refused.error?.message).toContain('channel_not_found');
		expect(refused.received).toHaveLength(1);
	});

	it('names channel, status and remedy when Slack answers 500 throughout, without its secret address', async () => {
		const { error, received } = await against([{ status: 500, body: `oops ${HOOK}`, headers: { 'Retry-After': '0' } }], 'slack', (url) => ({
			webhookUrl: url + HOOK,
		}));
		expect(error).toMatchObject({ code: 'notify.channel_failed' });
		expect(error?.message).toContain('Slack');
		expect(error?.message).toContain('500');
		expect(error?.details.remedy).toBeTruthy();
		expect(JSON.stringify(error) + error?.stack).not.toContain('very-secret-part');
		expect(error?.cause).toBeUndefined();
		expect(received).toHaveLength(4);
	});
});

describe('trying again', () => {
	it('waits as the server asks and succeeds when it recovers', async () => {
		const { delivery, received } = await against(
			[{ status: 429, headers: { 'Retry-After': '0' } }, { status: 503, headers: { 'Retry-After': '0' } }, { status: 200 }],
			'discord',
			(url) => ({ webhookUrl: `${url}/api/webhooks/1/token` }),
		);
		expect(delivery?.attempts).toBe(3);
		expect(received).toHaveLength(3);
	});

	it('does not try again when the address is wrong', async () => {
		const { error, received } = await against([{ status: 404, body: 'Unknown Webhook' }], 'discord', (url) => ({
			webhookUrl: `${url}/api/webhooks/1/token`,
		}));
		expect(received).toHaveLength(1);
		expect(error?.message).toContain('404');
		expect(error?.details.remedy).toContain('no longer exists');
	});

	it('stops at once when the workflow is stopped', async () => {
		const stop = new AbortController();
		const server = await httpServer([{ status: 503, headers: { 'Retry-After': '20' } }]);
		const notes: string[] = [];
		const sending = notify(
			'teams',
			message,
			{ webhookUrl: server.url },
			{},
			{
				...context,
				signal: stop.signal,
				note: (_, text) => {
					notes.push(text);
					stop.abort();
				},
			},
		);
		await expect(sending).rejects.toMatchObject({ code: 'compute.cancelled' });
		expect(notes).toHaveLength(1);
	});

	it('does not follow a redirect to somewhere else', async () => {
		const { error, received } = await against([{ status: 302, headers: { Location: 'http://169.254.169.254/' } }], 'webhook', (url) => ({
			url,
		}));
		expect(received).toHaveLength(1);
		expect(error?.details.remedy).toContain('moved');
	});

	it('says that an address cannot be reached', async () => {
		const closed = createServer();
		await new Promise<void>((resolve) => {
			closed.listen(0, '127.0.0.1', resolve);
		});
		const { port } = closed.address() as AddressInfo;
		await new Promise<void>((resolve) => {
			closed.close(() => resolve());
		});
		await expect(notify('webhook', message, { url: `http://127.0.0.1:${port}/hidden-path` }, {}, context)).rejects.toMatchObject({
			code: 'notify.channel_failed',
			message: expect.stringMatching(/^(?!.*hidden-path).*could not be reached/),
		});
	});
});

it('Teams gets an Adaptive Card, and an old connector that reports a failure inside 200 is a failure', async () => {
	const { received } = await against([{ status: 202 }], 'teams', (url) => ({ webhookUrl: url }));
	const card = JSON.parse(received[0].body).attachments[0];
	expect(card.contentType).toBe('application/vnd.microsoft.card.adaptive');
	expect(card.content.body[0]).toMatchObject({ type: 'TextBlock', color: 'Good' });
	expect(card.content.body[1].text).toContain('\\[x\\]');
	expect(card.content.actions).toEqual([{ type: 'Action.OpenUrl', title: 'Decide', url: message.links[0].url }]);
	const failed = await against(
		[{ status: 200, body: 'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 400' }],
		'teams',
		(url) => ({ webhookUrl: url }),
	);
	expect(failed.error).toMatchObject({ code: 'notify.channel_failed' });
});

it('Discord mentions nobody and stays within 6,000 characters', async () => {
	const long: Message = {
		...message,
		text: `@everyone ${'x'.repeat(9000)}`,
		facts: Array.from({ length: 40 }, (_, i) => ({ label: `${i} ${'l'.repeat(300)}`, value: 'v'.repeat(3000) })),
	};
	const { received } = await against([{ status: 204 }], 'discord', (url) => ({ webhookUrl: url, username: 'MLOps' }), {}, long);
	const body = JSON.parse(received[0].body);
	expect(body).toMatchObject({ allowed_mentions: { parse: [] }, username: 'MLOps' });
	const [embed] = body.embeds;
	expect(
		embed.title.length +
			embed.description.length +
			embed.fields.reduce((n: number, f: { name: string; value: string }) => n + f.name.length + f.value.length, 0),
	).toBeLessThanOrEqual(6000);
});

it('a webhook gets JSON that it can verify, with the header of a credential', async () => {
	const { delivery, received } = await against([{ status: 200 }], 'webhook', (url) => ({ url: `${url}/hook`, secret: 'sign-with-this' }), {
		name: 'X-Api-Key',
		value: 'key-123456',
	});
	const [{ headers, body }] = received;
	expect(headers['x-mlops-signature']).toBe(signature('sign-with-this', String(headers['x-mlops-timestamp']), body));
	expect(headers['x-api-key']).toBe('key-123456');
	expect(JSON.parse(body)).toMatchObject({
		id: delivery?.id,
		title: message.title,
		severity: 'success',
		item: message.data,
		links: [message.links[0]],
	});
	const bare = await against([{ status: 200 }], 'webhook', (url) => ({ url, includeItem: false }));
	expect(JSON.parse(bare.received[0].body)).not.toHaveProperty('item');
});

describe('e-mail', () => {
	const secrets = (port: number) => ({ host: '127.0.0.1', port, secure: false, user: 'mlops', password: 'mail-password' });

	it('arrives as HTML and text with the charts inside, through a real SMTP conversation', async () => {
		const server = await smtpServer();
		const png = Buffer.from('89504e470d0a1a0a', 'hex');
		const delivery = await notify(
			'email',
			{ ...message, images: [{ name: 'roc', png }] },
			{ to: 'dana@example.com; lee@example.com', from: 'MLOps <mlops@example.com>' },
			secrets(server.port),
			context,
		);
		expect(delivery).toMatchObject({ channel: 'email', to: 'dana@example.com, lee@example.com', attempts: 1 });
		const [mail] = server.mails;
		expect(mail).toMatchObject({ from: 'mlops@example.com', to: ['dana@example.com', 'lee@example.com'], user: 'mlops' });
		expect(mail.data).toContain('multipart/alternative');
		expect(mail.data).toContain('<chart0>');
		expect(mail.data.slice(mail.data.indexOf('text/html'))).not.toContain('<script>');
		expect(mail.data).toContain('Subject: Model <b>late</b> & co passed');
	});

	it('tries again when the server is busy', async () => {
		const server = await smtpServer((verb, nth) => (verb === 'MAIL' && nth === 1 ? '451 try again later' : undefined));
		const delivery = await notify('email', message, { to: 'dana@example.com', from: 'mlops@example.com' }, secrets(server.port), context);
		expect(delivery.attempts).toBe(2);
	});

	it('names server, status and remedy when the password is refused, without the password', async () => {
		const server = await smtpServer((verb) => (verb === 'AUTH' ? '535 mail-password is wrong' : undefined));
		const error = await notify(
			'email',
			message,
			{ to: 'dana@example.com', from: 'mlops@example.com' },
			secrets(server.port),
			context,
		).catch((e: unknown) => e as MlopsError);
		expect(error).toMatchObject({ code: 'notify.channel_failed', details: { remedy: expect.stringContaining('password') } });
		expect((error as MlopsError).message).toContain('535');
		expect(JSON.stringify(error) + (error as MlopsError).stack).not.toContain('mail-password');
	});

	it('refuses an address that would add a header', async () => {
		await expect(
			notify('email', message, { to: 'dana@example.com\r\nBcc: all@example.com', from: 'mlops@example.com' }, secrets(1), context),
		).rejects.toMatchObject({ code: 'notify.address_invalid' });
		await expect(notify('email', message, { to: '', from: 'mlops@example.com' }, secrets(1), context)).rejects.toMatchObject({
			code: 'notify.address_invalid',
		});
	});
});

it('refuses an address that is none, and an unknown channel', async () => {
	await expect(notify('slack', message, { webhookUrl: 'not an address' }, {}, context)).rejects.toMatchObject({
		code: 'notify.address_invalid',
		message: expect.stringContaining('Slack'),
	});
	await expect(notify('slack', message, { webhookUrl: 'file:///etc/passwd' }, {}, context)).rejects.toMatchObject({
		code: 'notify.address_invalid',
	});
	await expect(notify('pigeon', message, {}, {}, context)).rejects.toMatchObject({ code: 'input.invalid' });
});

it('takes secrets, addresses and markup out of what others say', () => {
	expect(redact('see <b>https://x.example/secret</b> token abcdef\n\nend', ['abcdef'])).toBe('see *** token *** end');
	expect(redact('x'.repeat(500), [])).toHaveLength(160);
});

it('every parameter of every channel has a default, a title and a description', () => {
	for (const channel of channels) {
		expect(channel.params.safeParse({}).success).toBe(true);
		const shape = (channel.params as unknown as { shape: Record<string, { meta(): Record<string, unknown> | undefined }> }).shape;
		for (const field of Object.values(shape))
			expect(field.meta()).toMatchObject({ title: expect.any(String), description: expect.any(String) });
	}
});
