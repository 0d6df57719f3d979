import type { Socket } from 'node:net';
import { KEEP_ALIVE_MS } from './directDoor.js';
import { LONGEST_HEAD } from './plainHead.js';
import type { PlainRequest } from './plainRequests.js';

/** Looks at connections so often. */
export const SWEEP_MS = 500;
/** Sweeps until a connection on which nothing whole has come goes to Node's parser, which has limits for that. */
const WAIT = 2;
/** Sweeps until an idle connection ends: a little later than the answers say (`Keep-Alive`), as Node does. */
const IDLE = (KEEP_ALIVE_MS + 1_000) / SWEEP_MS;
/** A request in more pieces than this is not a plain one. */
const MOST_PIECES = 64;
/** What is read of a connection while its last request is being answered. */
const MOST_AHEAD = 64 * 1024;

/** What connections are answered by. */
export interface Answerer {
	/** The request whose head this is; undefined where it is not a plain one. */
	find(head: string): PlainRequest | undefined;
	/** All that goes back. Never rejects. */
	answer(request: PlainRequest, body: Buffer, startedAt: number, last: boolean): string | Promise<string>;
	/** Takes a connection over for good: Node's parser. What was read of it follows; `nothingCame`: nothing was, so far. */
	ordinary(socket: Socket, nothingCame: boolean): void;
	/** Sweeps until a connection that does not move is cut off. */
	limit: number;
}

/**
 * A connection that has sent nothing but plain requests so far. As soon as something else comes, it belongs to Node's own parser with all
 * its limits and refusals, and is not seen here again.
 */
export class DirectConnection {
	/** What has come and is not answered yet. */
	#rest: Buffer | undefined;
	#pieces = 0;
	/** When the head of `#rest` was read, where its body is not whole. */
	#startedAt: number | undefined;
	/** Sweeps since something was finished, or since `#rest` began to come. */
	#still = 0;
	/** Nothing was answered yet. */
	#fresh = true;
	/** An answer is being made. */
	#asking = false;
	/** The caller does not take its answers: the next one waits for that. */
	#full = false;
	#ended = false;
	#closing = false;

	constructor(
		readonly socket: Socket,
		readonly answerer: Answerer,
		readonly gone: (connection: DirectConnection) => void,
	) {
		socket.on('data', this.#take).on('end', this.#end).on('drain', this.#drained).on('error', this.#fail).on('close', this.#close);
	}

	readonly #take = (piece: Buffer): void => {
		if (this.#rest) {
			this.#rest = Buffer.concat([this.#rest, piece]);
			this.#pieces++;
		} else {
			this.#rest = piece;
			this.#pieces = this.#still = 0;
		}
		if (!this.#asking && !this.#full) this.#work();
		else if (this.#rest.length > MOST_AHEAD) this.socket.pause();
	};

	/** Answers all requests that are whole, one after the other. */
	#work(): void {
		while (this.#rest && !this.#asking && !this.#full) {
			const bytes = this.#rest;
			const end = bytes.indexOf('\r\n\r\n', 0, 'latin1');
			if (end < 0 && bytes.length <= LONGEST_HEAD && this.#pieces <= MOST_PIECES) return;
			const request = end < 0 || end > LONGEST_HEAD ? undefined : this.answerer.find(bytes.toString('latin1', 0, end));
			if (!request) return this.handOver();
			const next = end + 4 + request.length;
			if (bytes.length < next) {
				this.#startedAt ??= performance.now();
				if (this.#pieces > MOST_PIECES) this.handOver();
				return;
			}
			const startedAt = this.#startedAt ?? performance.now();
			this.#startedAt = undefined;
			this.#rest = bytes.length > next ? bytes.subarray(next) : undefined;
			this.#pieces = 0;
			const answer = this.answerer.answer(request, bytes.subarray(end + 4, next), startedAt, this.#closing);
			if (typeof answer === 'string') this.#write(answer);
			else {
				this.#asking = true;
				void answer.then((text) => {
					this.#asking = false;
					this.#write(text);
					this.#goOn();
				});
			}
		}
		if (this.#ended && !this.#rest && !this.#asking) this.socket.end();
	}

	#write(text: string): void {
		const { socket } = this;
		this.#still = 0;
		this.#fresh = false;
		if (!socket.writable) return;
		// Text that is ASCII alone, as most is, needs no encoder.
		this.#full = !socket.write(text, Buffer.byteLength(text) === text.length ? 'latin1' : 'utf8');
		if (this.#closing) {
			this.#rest = undefined;
			socket.end();
		} else if (this.#full) socket.pause();
	}

	#goOn(): void {
		if (this.#asking || this.#full) return;
		if (this.socket.isPaused()) this.socket.resume();
		this.#work();
	}

	readonly #drained = (): void => {
		this.#full = false;
		this.#goOn();
	};
	readonly #end = (): void => {
		this.#ended = true;
		if (this.#asking) return;
		if (this.#rest && !this.#full) this.handOver();
		else this.socket.end();
	};
	readonly #fail = (): void => {
		this.socket.destroy();
	};
	readonly #close = (): void => {
		this.gone(this);
	};

	/** Looks after time; called at each sweep. */
	sweep(): void {
		this.#still++;
		if (this.#asking || this.#full) {
			if (this.#still > this.answerer.limit) this.socket.destroy();
		} else if (this.#rest || this.#fresh) {
			if (this.#still >= WAIT) this.handOver();
		} else if (this.#still > IDLE) this.socket.destroy();
	}

	/** The server stops: what is being answered is answered, what has begun to come is still taken. */
	close(): void {
		this.#closing = true;
		if (this.#asking || this.#full) return;
		if (this.#rest) this.handOver();
		else this.socket.destroy();
	}

	/** From now on it is Node's. */
	handOver(): void {
		const { socket } = this;
		this.gone(this);
		socket.off('data', this.#take).off('end', this.#end).off('drain', this.#drained).off('error', this.#fail).off('close', this.#close);
		this.answerer.ordinary(socket, this.#fresh && !this.#rest);
		if (this.#rest) socket.emit('data', this.#rest);
		if (this.#ended) socket.emit('end');
	}
}
