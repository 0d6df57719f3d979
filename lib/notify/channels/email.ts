import { z } from 'zod/v4';
import { throwIfCancelled } from '../../domain/cancel.js';
import { pause, waitFor } from '../../http/retry.js';
import { MlopsError } from '../../domain/errors.js';
import { html, trusted, type Content } from '../../report/markup.js';
import { COLOR } from '../../report/theme.js';
import { defineChannel, type Message } from '../contract.js';
import { channelFailed, cut, redact, safeLinks } from '../deliver.js';

const BARS = { info: COLOR.accent, success: COLOR.good, warning: '#d08a1d', error: COLOR.bad } as const;
const ATTEMPTS = 3;
const TIMEOUT = 15_000;
const NOBODY =
	"Enter an address under To, or say in the model server's console (People and keys) who is responsible for the model that this is about.";

const lines = (text: string): Content => text.split('\n').map((line, i) => html`${i ? html`<br>` : ''}${line}`);

const CARD =
	'width:100%;max-width:600px;background:#ffffff;border-radius:12px;overflow:hidden;' +
	`font-family:'Segoe UI',Roboto,Helvetica,Arial,sans-serif;color:${COLOR.ink}`;

const factRow = ({ label, value }: Message['facts'][number]): Content => {
	const line = `border-bottom:1px solid ${COLOR.line}`;
	return html`<tr>
		<td style="padding:7px 14px 7px 0;${line};color:${COLOR.muted};width:38%;vertical-align:top">${label}</td>
		<td style="padding:7px 0;${line};vertical-align:top">${value}</td>
	</tr>`;
};

const picture = ({ alt, name }: NonNullable<Message['images']>[number], i: number): Content => {
	const style = 'width:100%;max-width:540px;height:auto;display:block;margin:0 0 18px;border:0';
	return html`<img src="cid:chart${String(i)}" alt="${alt ?? name}" width="540" style="${style}">`;
};

/** The first link is the one that people most probably want. */
const button = ({ label, url }: { label: string; url: string }, i: number): Content => {
	const colors = i === 0 ? `background:${COLOR.accent};color:#ffffff` : `background:${COLOR.accentPale};color:${COLOR.accentDark}`;
	const style = 'display:inline-block;margin:4px 10px 4px 0;padding:11px 20px;border-radius:8px;font-size:15px;font-weight:600';
	return html`<a href="${url}" style="${style};text-decoration:none;${colors}">${label}</a>`;
};

/** The message as a mail body that Outlook shows too: tables and inline styles, pictures by content id. */
export function emailHtml(message: Message): string {
	const { title, text, severity, facts, images = [], links: given } = message;
	const plain = trusted('role="presentation" width="100%" cellpadding="0" cellspacing="0"');
	const tableStyle = 'margin:0 0 18px;font-size:14px;line-height:1.45';
	return html`<!doctype html>
		<html lang="en">
		<head>
			<meta charset="utf-8">
			<meta name="viewport" content="width=device-width,initial-scale=1">
			<title>${title}</title>
		</head>
		<body style="margin:0;padding:0;background:#eef1f8">
			<table ${plain} style="background:#eef1f8"><tr><td align="center" style="padding:24px 12px">
				<table role="presentation" width="600" cellpadding="0" cellspacing="0" style="${trusted(CARD)}">
					<tr><td style="height:5px;background:${BARS[severity]};font-size:0;line-height:0">&nbsp;</td></tr>
					<tr><td style="padding:26px 30px 30px">
						<h1 style="margin:0 0 10px;font-size:21px;line-height:1.3;font-weight:600">${title}</h1>
						${text ? html`<p style="margin:0 0 18px;font-size:15px;line-height:1.55;color:${COLOR.soft}">${lines(text)}</p>` : ''}
						${facts.length ? html`<table ${plain} style="${tableStyle}">${facts.map(factRow)}</table>` : ''}
						${images.map(picture)}
						${safeLinks(given).map(button)}
					</td></tr>
				</table>
			</td></tr></table>
		</body>
		</html>`.text;
}

/** The same for mail programs that show no HTML. */
export const emailText = (message: Message): string =>
	[
		message.title,
		message.text,
		message.facts.map((f) => `${f.label}: ${f.value}`).join('\n'),
		safeLinks(message.links)
			.map((l) => `${l.label}: ${l.url}`)
			.join('\n'),
	]
		.filter(Boolean)
		.join('\n\n');

/** `a@b.c` or `Name <a@b.c>`, on one line. */
const ADDRESS = /^(?:[^\s@<>,;:"]+@[^\s@<>,;:"]+|[^\r\n<>@]*<[^\s@<>,;:"]+@[^\s@<>,;:"]+>)$/;

/** Addresses split at commas and semicolons. */
const addresses = (text: string): string[] =>
	text
		.split(/[,;]/)
		.map((a) => a.trim())
		.filter(Boolean);

/** Fields of n8n's `smtp` credential. */
const smtp = z.object({
	host: z.string().min(1),
	port: z.coerce.number().int().default(465),
	secure: z.boolean().default(true),
	user: z.string().default(''),
	password: z.string().default(''),
	disableStartTls: z.boolean().default(false),
	hostName: z.string().default(''),
});

type Smtp = z.infer<typeof smtp>;

/** What nodemailer's errors hold. */
interface MailError {
	code?: string;
	responseCode?: number;
	response?: string;
}

/**
 * The sender is the credential's user where no other is named.
 * @throws `notify.address_invalid`
 */
function checkedAddresses(
	params: { to: string; cc: string; from: string },
	{ user }: Readonly<Record<string, unknown>>,
): { to: string[]; cc: string[]; from: string } {
	const to = addresses(params.to);
	const cc = addresses(params.cc);
	const from = params.from.trim() || (typeof user === 'string' ? user : '');
	const wrong = [...to, ...cc, from].find((a) => !ADDRESS.test(a.trim()));
	if (to.length > 0 && wrong === undefined) return { to, cc, from };
	throw new MlopsError(
		'notify.address_invalid',
		to.length === 0 ? 'E-mail: nobody to send to was given.' : `E-mail: “${cut(wrong ?? '', 80)}” is no e-mail address.`,
		{ expected: 'for example dana@example.com', remedy: to.length === 0 ? NOBODY : 'Correct the addresses in To, From and Cc.' },
	);
}

/** @throws `input.invalid` */
function serverOf(secrets: unknown): Smtp {
	const server = smtp.safeParse(secrets);
	if (server.success) return server.data;
	throw new MlopsError('input.invalid', 'E-mail: the SMTP credential names no server.', {
		remedy: 'Choose an SMTP credential with host and port.',
	});
}

const transportOptions = (server: Smtp, { allowUnauthorizedCerts }: { allowUnauthorizedCerts: boolean }) => {
	const { host, port, secure, user, password, disableStartTls, hostName } = server;
	return {
		host,
		port,
		secure,
		...(hostName ? { name: hostName } : {}),
		...(user || password ? { auth: { user, pass: password } } : {}),
		ignoreTLS: !secure && disableStartTls,
		tls: { rejectUnauthorized: !allowUnauthorizedCerts },
		connectionTimeout: TIMEOUT,
		greetingTimeout: TIMEOUT,
		socketTimeout: TIMEOUT * 2,
		disableFileAccess: true,
		disableUrlAccess: true,
	};
};

const mailOf = (message: Message) => ({
	subject: cut(message.title.replace(/\s+/g, ' '), 200),
	text: emailText(message),
	html: emailHtml(message),
	attachments: (message.images ?? []).map((image, i) => ({
		filename: `${image.name}.png`,
		content: image.png,
		cid: `chart${i}`,
		contentType: 'image/png',
	})),
});

/** What went wrong, without the secrets that a server may repeat. */
function deliveryFailed({ code = '', responseCode = 0, response = '' }: MailError, server: Smtp, attempts: number): MlopsError {
	const { host, port, user, password } = server;
	const said = redact(response, [password, user, Buffer.from(password).toString('base64')]);
	const outcome = responseCode
		? `answered ${responseCode}${said ? ` (${said})` : ''}`
		: `could not be used (${/^[A-Z_]+$/.test(code) ? code : 'unknown reason'})`;
	return channelFailed(
		'e-mail',
		`${host}:${port} ${outcome}.${attempts > 1 ? ` Tried ${attempts} times.` : ''}`,
		code === 'EAUTH'
			? 'Check user and password of the SMTP credential.'
			: responseCode >= 500
				? 'Check that the mail server accepts the sender and the recipients.'
				: 'Check host, port and encryption of the SMTP credential, and that this n8n may reach it.',
	);
}

export const email = defineChannel({
	id: 'email',
	label: 'E-mail',
	description: 'Sends an e-mail through your mail server, with pictures of the charts.',
	params: z.object({
		to: z
			.string()
			.default('')
			.meta({
				title: 'To',
				description:
					'One or more addresses, separated by commas. An approver whose name is an address gets the question there instead. ' +
					'Left empty, a ' +
					"message about a server's event goes to the people of its model.",
				placeholder: 'dana@example.com',
			}),
		from: z.string().default('').meta({
			title: 'From',
			description: "Address of the sender, as your mail server allows; left empty, the credential's user where that is an address.",
			placeholder: 'MLOps <mlops@example.com>',
		}),
		cc: z.string().default('').meta({ title: 'Cc', description: 'Further addresses that get a copy.', advanced: true }),
		allowUnauthorizedCerts: z.boolean().default(false).meta({
			title: 'Allow Self-signed Certificates',
			description: 'Whether to trust a mail server whose certificate cannot be checked.',
			advanced: true,
		}),
	}),
	credential: { name: 'smtp', label: 'SMTP', required: true },
	pictures: true,
	toPeople: (params, people) => (addresses(params.to).length > 0 ? params : { ...params, to: people.join(', ') }),
	// A copy would hand the person's link to others.
	toPerson: (params, name) => (ADDRESS.test(name.trim()) ? { ...params, to: name.trim(), cc: '' } : undefined),
	async send(message, params, secrets, context) {
		const { to, cc, from } = checkedAddresses(params, secrets);
		const server = serverOf(secrets);
		const { createTransport } = await import('nodemailer');
		const transport = createTransport(transportOptions(server, params));
		const close = () => transport.close();
		context.signal.addEventListener('abort', close, { once: true });
		try {
			for (let attempt = 1; ; attempt++) {
				throwIfCancelled(context, 'Sending');
				try {
					const sent = await transport.sendMail({ from, to, cc, ...mailOf(message) });
					return { channel: 'email', to: [...to, ...cc].join(', '), attempts: attempt, ...(sent.messageId ? { id: sent.messageId } : {}) };
				} catch (error) {
					throwIfCancelled(context, 'Sending');
					const { code = '', responseCode = 0 } = error as MailError;
					const retry = (responseCode >= 400 && responseCode < 500) || ['ECONNECTION', 'ESOCKET', 'ETIMEDOUT', 'ECONNRESET'].includes(code);
					if (!retry || attempt === ATTEMPTS) throw deliveryFailed(error as MailError, server, attempt);
					context.note('notify_retry', `E-mail: ${server.host} answered ${responseCode || code}. Trying again.`);
					await pause(waitFor(attempt), () => throwIfCancelled(context, 'Sending'));
				}
			}
		} finally {
			context.signal.removeEventListener('abort', close);
			transport.close();
		}
	},
});
