/*
 * Requests at a fixed rate that does not wait for answers (open loop): `pace.mts FILE`, whose JSON is a target with seconds, connections
 * and rate. A latency counts from the moment at which the request was due, so a server that stands still is not asked less for it
 * (coordinated omission). Programs that speak HTTP in full take more of the machine at ten thousand a second than the server does: this one
 * writes bytes that are made before, and looks in answers for their length alone.
 */
import fs from 'node:fs';
import net from 'node:net';
import process from 'node:process';
import type { Target } from './load.mts';

interface Pacing extends Target {
	seconds: number;
	connections: number;
	rate: number;
}

const { url, headers, bodies, seconds, connections, rate } = JSON.parse(fs.readFileSync(process.argv[2], 'utf8')) as Pacing;
const { host, hostname, port, pathname } = new URL(url);
const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
const requests = bodies.map((body) =>
	Buffer.from(`POST ${pathname} HTTP/1.1\r\n${lines.join('')}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`),
);
/** Requests of the first seconds, which do not count: until its own code is compiled, this program is late itself, and then catches up. */
const before = Math.floor(3 * rate);
const total = before + Math.floor(seconds * rate);
const latencies = new Float64Array(total - before);
const free: Array<(k: number) => void> = [];
let [sent, answered] = [0, 0];
let start = 0;

function connect(): Promise<void> {
	const socket = net.connect({ host: hostname, port: Number(port), noDelay: true });
	let current = 0;
	/** What has come of an answer whose head is not whole, and the bytes of its body that are still missing. */
	let head = '';
	let missing = -1;
	const ask = (k: number) => {
		current = k;
		socket.write(requests[k % requests.length]);
	};
	socket.on('data', (piece) => {
		if (missing < 0) {
			head += piece.toString('latin1');
			const end = head.indexOf('\r\n\r\n');
			if (end < 0) return;
			const length = /content-length: (\d+)/i.exec(head);
			if (!head.startsWith('HTTP/1.1 200') || !length) throw new Error(`No success: ${head.slice(0, 500)}`);
			missing = end + 4 + Number(length[1]) - head.length;
			head = '';
		} else missing -= piece.length;
		if (missing > 0) return;
		missing = -1;
		if (current >= before) latencies[current - before] = performance.now() - start - (current * 1000) / rate;
		answered++;
		free.push(ask);
	});
	socket.on('error', (error) => {
		throw error;
	});
	socket.on('close', () => {
		if (answered < total) throw new Error('The server closed a connection.');
	});
	return new Promise((resolve) =>
		socket.on('connect', () => {
			free.push(ask);
			resolve();
		}),
	);
}

/**
 * Sends what is due, each millisecond: a program that turns without rest takes one of the machine's cores from the server, whose answers
 * then wait for the system's time slices.
 */
function turn(): void {
	if (answered === total) return finish();
	const due = Math.min(total, Math.floor(((performance.now() - start) * rate) / 1000));
	while (sent < due && free.length > 0) free.shift()!(sent++);
	setTimeout(turn, 1);
}

function finish(): void {
	latencies.sort();
	const counted = latencies.length;
	const at = (share: number) => latencies[Math.min(counted - 1, Math.ceil(share * counted) - 1)];
	const perSecond = total / ((performance.now() - start) / 1000);
	process.stdout.write(JSON.stringify({ requests: counted, failed: 0, perSecond, p50: at(0.5), p99: at(0.99), p999: at(0.999) }), () =>
		process.exit(0),
	);
}

await Promise.all(Array.from({ length: connections }, connect));
start = performance.now();
turn();
