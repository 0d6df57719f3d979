import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { DirectConnection, SWEEP_MS, type Answerer } from './directConnection.js';

/**
 * Lets plain requests to the doors' direct routes be answered where they come in, without Node's HTTP objects and the framework, which cost
 * several times what an answer does. A connection begins here and stays as long as all that comes on it is plain; else Node's parser gets
 * it, as if it had been there from the beginning (`Event: 'connection'` of `node:http` is meant for that).
 * @param event the event of a connection: `connection`, or `secureConnection` behind TLS
 * @param stillMs how long a connection may stand still while it is answered
 */
export function answerDirectly(
	app: FastifyInstance,
	event: 'connection' | 'secureConnection',
	stillMs: number,
	answers: Pick<Answerer, 'find' | 'answer'>,
): void {
	const { server } = app;
	const ordinary = server.listeners(event) as Array<(this: typeof server, socket: Socket) => void>;
	server.removeAllListeners(event);
	const connections = new Set<DirectConnection>();
	const gone = (connection: DirectConnection): void => void connections.delete(connection);
	const silent = silentSockets();
	const answerer: Answerer = {
		...answers,
		ordinary: (socket, nothingCame) => {
			if (nothingCame) silent.add(socket);
			for (const listener of ordinary) listener.call(server, socket);
		},
		limit: Math.ceil(stillMs / SWEEP_MS),
	};
	let closing = false;
	server.on(event, (socket: Socket) => {
		if (closing) answerer.ordinary(socket, true);
		else connections.add(new DirectConnection(socket, answerer, gone));
	});
	const sweeping = setInterval(() => {
		for (const connection of connections) connection.sweep();
	}, SWEEP_MS);
	sweeping.unref();
	app.addHook('preClose', (done) => {
		closing = true;
		clearInterval(sweeping);
		for (const connection of connections) connection.close();
		silent.close();
		done();
	});
}

/** How long a connection may be silent that comes while the server ends. */
const LAST_MS = 1_000;

/**
 * Connections that are Node's and on which nothing has come since. Node does not count those among the idle ones, which it closes when the
 * server ends, until they sent a request: a browser or a proxy that connects in advance would keep the server from ending.
 */
function silentSockets() {
	const read = new Map<Socket, number>();
	let closing = false;
	const end = (socket: Socket): void => {
		if (socket.bytesRead === read.get(socket)) socket.destroy();
	};
	return {
		add(socket: Socket): void {
			read.set(socket, socket.bytesRead);
			socket.once('close', () => read.delete(socket));
			if (closing) setTimeout(() => end(socket), LAST_MS).unref();
		},
		close(): void {
			closing = true;
			for (const socket of read.keys()) end(socket);
		},
	};
}
