import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { MlopsError } from '../../domain/errors.js';

/** Where the console's page lies. */
export const CONSOLE_PATH = '/console/';

/**
 * What the page may do: run its own scripts, look as its own style sheets say, ask this server. Nothing inline, nothing of others, and in
 * no frame.
 */
const HEADERS = {
	'content-security-policy':
		"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data: blob:; frame-src 'self'; " +
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
	'cross-origin-opener-policy': 'same-origin',
	'permissions-policy': 'camera=(), geolocation=(), microphone=()',
	'referrer-policy': 'no-referrer',
	'x-content-type-options': 'nosniff',
	'x-frame-options': 'DENY',
	vary: 'accept-encoding',
};

const TYPES = new Map([
	['.html', 'text/html; charset=utf-8'],
	['.js', 'text/javascript; charset=utf-8'],
	['.css', 'text/css; charset=utf-8'],
	['.txt', 'text/plain; charset=utf-8'],
]);

/** A file as it lies on the disk, and compressed beforehand. */
interface Kept {
	type: string;
	plain: Buffer;
	br: Buffer;
	gzip: Buffer;
}

/** The files of the console's page, read once; a name that is not among them leads nowhere, whatever it holds. */
export function registerConsolePage(app: FastifyInstance): void {
	const folder = builtConsole();
	const assets = new Map(
		readdirSync(join(folder, 'assets'))
			.filter((name) => TYPES.has(extname(name)))
			.map((name) => [name, read(join(folder, 'assets', name))] as const),
	);
	const index = read(join(folder, 'index.html'));
	const texts = read(join(folder, 'LICENSES.txt'));
	app.get('/console', (_request, reply) => reply.redirect(CONSOLE_PATH, 308));
	app.get('/console/assets/:name', (request, reply) => {
		const file = assets.get((request.params as { name: string }).name);
		if (!file) throw new MlopsError('serve.request_invalid', 'The console has no such file.', { remedy: 'Load its page again.' });
		// Its name holds a digest of its bytes.
		return send(request, reply, file, 'public, max-age=31536000, immutable');
	});
	app.get('/console/LICENSES.txt', (request, reply) => send(request, reply, texts, 'no-cache'));
	// Each place in the console has an address that can be sent to somebody else: the page itself knows what lies there.
	app.get('/console/*', (request, reply) => send(request, reply, index, 'no-cache'));
}

function send(request: FastifyRequest, reply: FastifyReply, file: Kept, cache: string): FastifyReply {
	const accepted = String(request.headers['accept-encoding'] ?? '');
	const coding = (['br', 'gzip'] as const).find((name) =>
		new RegExp(`(^|[\\s,])${name}\\s*(,|$|;(?!\\s*q=0(\\.0*)?\\s*(,|$)))`).test(accepted),
	);
	if (coding) reply.header('content-encoding', coding);
	return reply
		.headers({ ...HEADERS, 'cache-control': cache })
		.type(file.type)
		.send(coding ? file[coding] : file.plain);
}

const read = (file: string): Kept => ({
	type: TYPES.get(extname(file))!,
	plain: readFileSync(file),
	br: readFileSync(`${file}.br`),
	gzip: readFileSync(`${file}.gz`),
});

/** `<root>/dist/lib/console`, whether this file runs from `lib/` (tests) or from `dist/lib/`. */
function builtConsole(): string {
	const beside = join(__dirname, '..', '..', 'console');
	return existsSync(join(beside, 'assets')) ? beside : join(__dirname, '..', '..', '..', 'dist', 'lib', 'console');
}
