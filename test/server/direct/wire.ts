import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** An answer as it came over the wire. */
export interface Answer {
	head: string;
	body: string;
}

/** A bare connection that sends bytes and reads answers by their length. */
export class Wire {
	#came = Buffer.alloc(0);
	#socket: Socket;
	#moved = (): void => {};
	/** The other side has ended it. */
	ended = false;

	constructor(url: string) {
		const { hostname, port } = new URL(url);
		this.#socket = connect({ host: hostname, port: Number(port), noDelay: true, allowHalfOpen: true });
		const end = (): void => {
			this.ended = true;
			this.#moved();
		};
		this.#socket.on('end', end).on('error', end).on('close', end);
		this.#socket.on('data', (piece) => {
			this.#came = Buffer.concat([this.#came, piece]);
			this.#moved();
		});
	}

	/** Sends a text or bytes, in pieces that end at these places, each with time to arrive by itself. */
	async send(text: string | Buffer, places: readonly number[] = []): Promise<void> {
		const bytes = Buffer.from(text as string);
		const ends = [...places.filter((place) => place > 0 && place < bytes.length).sort((a, b) => a - b), bytes.length];
		for (const [i, end] of ends.entries()) {
			this.#socket.write(bytes.subarray(i === 0 ? 0 : ends[i - 1], end));
			if (i < ends.length - 1) await sleep(2);
		}
	}

	/** The next answer; undefined where the connection ended before. `bare`: it has no body, whatever its head says (HEAD). */
	async next({ bare = false } = {}): Promise<Answer | undefined> {
		for (;;) {
			const end = this.#came.indexOf('\r\n\r\n');
			const head = this.#came.toString('latin1', 0, Math.max(0, end));
			const length = bare ? 0 : Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
			if (end >= 0 && this.#came.length >= end + 4 + length) {
				const body = this.#came.toString('utf8', end + 4, end + 4 + length);
				this.#came = this.#came.subarray(end + 4 + length);
				return { head, body };
			}
			if (this.ended) return undefined;
			await new Promise<void>((resolve) => (this.#moved = resolve));
		}
	}

	/** Once the other side has ended it. */
	async over(): Promise<void> {
		while (!this.ended) await new Promise<void>((resolve) => (this.#moved = resolve));
	}

	/** What is to be sent is sent; nothing more comes. */
	halfClose(): void {
		this.#socket.end();
	}

	pause(): void {
		this.#socket.pause();
	}

	resume(): void {
		this.#socket.resume();
	}

	end(): void {
		this.#socket.destroy();
	}
}

/** A request as it goes over the wire. */
export const requestText = (target: string, body: string, headers: readonly string[] = []): string =>
	[
		`POST ${target} HTTP/1.1`,
		'Host: localhost',
		'Content-Type: application/json',
		`Content-Length: ${Buffer.byteLength(body)}`,
		...headers,
		'',
		body,
	].join('\r\n');
