import { createServer, type IncomingHttpHeaders } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';

const open = new Set<() => Promise<void>>();

/** For afterEach: closes what a failed test left open. */
export async function closeServers(): Promise<void> {
	for (const close of [...open]) await close();
}

export interface Received {
	method: string;
	url: string;
	headers: IncomingHttpHeaders;
	body: string;
}
export interface Answer {
	status: number;
	body?: string;
	headers?: Record<string, string>;
}

/** A real HTTP server that records what it gets and answers from a list (the last answer repeats). */
export async function httpServer(
	answers: Answer[] | ((request: Received) => Answer),
): Promise<{ url: string; received: Received[]; close(): Promise<void> }> {
	const received: Received[] = [];
	const server = createServer((request, response) => {
		const chunks: Buffer[] = [];
		request.on('data', (chunk: Buffer) => chunks.push(chunk));
		request.on('end', () => {
			const got = {
				method: request.method ?? '',
				url: request.url ?? '',
				headers: request.headers,
				body: Buffer.concat(chunks).toString(),
			};
			received.push(got);
			const answer = typeof answers === 'function' ? answers(got) : answers[Math.min(received.length, answers.length) - 1];
			response.writeHead(answer.status, answer.headers).end(answer.body ?? 'ok');
		});
	});
	await new Promise<void>((resolve) => {
		server.listen(0, '127.0.0.1', resolve);
	});
	const close = () =>
		new Promise<void>((resolve) => {
			open.delete(close);
			server.closeAllConnections();
			server.close(() => resolve());
		});
	open.add(close);
	return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received, close };
}

export interface Mail {
	from: string;
	to: string[];
	data: string;
	user?: string;
}

/** A real SMTP server (RFC 5321, AUTH PLAIN), enough to take a mail; `refuse` gives its answer to a command instead of the usual one. */
export async function smtpServer(
	refuse: (command: string, nth: number) => string | undefined = () => undefined,
): Promise<{ port: number; mails: Mail[]; close(): Promise<void> }> {
	const mails: Mail[] = [];
	const sockets = new Set<Socket>();
	const seen = new Map<string, number>();
	const server = createTcpServer((socket) => {
		sockets.add(socket);
		socket.on('close', () => sockets.delete(socket));
		socket.on('error', () => {});
		let mail: Mail = { from: '', to: [], data: '' };
		let user: string | undefined;
		let inData = false;
		let buffer = '';
		const say = (line: string) => {
			socket.write(`${line}\r\n`);
		};
		const command = (line: string) => {
			const verb = line.split(' ')[0].toUpperCase();
			const nth = (seen.get(verb) ?? 0) + 1;
			seen.set(verb, nth);
			const refusal = refuse(verb, nth);
			if (refusal) return say(refusal);
			if (verb === 'EHLO') return say('250-localhost\r\n250-AUTH PLAIN\r\n250 8BITMIME');
			if (verb === 'AUTH') {
				user = Buffer.from(line.split(' ')[2], 'base64').toString().split('\0')[1];
				return say('235 welcome');
			}
			if (verb === 'MAIL') {
				mail = { from: /<(.*?)>/.exec(line)?.[1] ?? '', to: [], data: '', user };
				return say('250 ok');
			}
			if (verb === 'RCPT') {
				mail.to.push(/<(.*?)>/.exec(line)?.[1] ?? '');
				return say('250 ok');
			}
			if (verb === 'DATA') {
				inData = true;
				return say('354 go on');
			}
			if (verb === 'QUIT') {
				say('221 bye');
				return socket.end();
			}
			return say('250 ok');
		};
		socket.on('data', (chunk) => {
			buffer += chunk.toString('binary');
			for (;;) {
				const end = inData ? buffer.indexOf('\r\n.\r\n') : buffer.indexOf('\r\n');
				if (end < 0) return;
				const text = buffer.slice(0, end);
				buffer = buffer.slice(end + (inData ? 5 : 2));
				if (inData) {
					inData = false;
					mails.push({ ...mail, data: Buffer.from(text, 'binary').toString() });
					say('250 taken');
				} else command(text);
			}
		});
		say('220 localhost ready');
	});
	await new Promise<void>((resolve) => {
		server.listen(0, '127.0.0.1', resolve);
	});
	const close = () =>
		new Promise<void>((resolve) => {
			open.delete(close);
			for (const socket of sockets) socket.destroy();
			server.close(() => resolve());
		});
	open.add(close);
	return { port: (server.address() as AddressInfo).port, mails, close };
}
