import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
	appendFileSync,
	chmodSync,
	chownSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createConnection } from 'mysql2';
import pg from 'pg';

/** A private database server in a temporary folder. */
export interface TestServer {
	port: number;
	user: string;
	password: string;
	database: string;
	/** PEM of the authority that signed its certificate (for "localhost" alone). */
	ca: string;
	/** Runs statements as the owner and gives the rows of the last one. */
	admin(sql: string): Promise<Array<Record<string, unknown>>>;
	stop(): Promise<void>;
}

const PASSWORD = 'Kp7-quite secret';

/** Programs on the path, or where the packages of Debian put PostgreSQL's. */
export function program(...names: string[]): string | undefined {
	const packaged = '/usr/lib/postgresql';
	const folders = [
		...(process.env.PATH ?? '').split(delimiter),
		'/usr/sbin',
		'/usr/local/sbin',
		...(existsSync(packaged) ? readdirSync(packaged).map((v) => join(packaged, v, 'bin')) : []),
	];
	return folders.flatMap((folder) => names.map((name) => join(folder, name))).find((path) => existsSync(path));
}

/** Servers refuse to run as root: then they run as one of these. */
export function owner(...users: string[]): { uid?: number; gid?: number } | undefined {
	if (process.getuid?.() !== 0) return {};
	const lines = readFileSync('/etc/passwd', 'utf8')
		.split('\n')
		.map((line) => line.split(':'));
	for (const user of [...users, 'nobody']) {
		const found = lines.find(([name]) => name === user);
		if (found) return { uid: Number(found[2]), gid: Number(found[3]) };
	}
	return undefined;
}

function missing(what: string, programs: Record<string, string | undefined>, users: string[]): string | undefined {
	if (process.platform === 'win32') return `${what} is not started on Windows`;
	const absent = Object.entries(programs)
		.filter(([, path]) => !path)
		.map(([name]) => name);
	if (absent.length) return `${what} is not installed (no ${absent.join(', ')})`;
	return owner(...users) ? undefined : `${what} does not run as root, and there is no other user`;
}

const postgresPrograms = { postgres: program('postgres'), initdb: program('initdb'), openssl: program('openssl') };
const mariadbPrograms = {
	'mariadb-install-db': program('mariadb-install-db', 'mysql_install_db'),
	mariadbd: program('mariadbd'),
	openssl: program('openssl'),
};

/** Why the server cannot be started here, if it cannot. */
export const noPostgres = (): string | undefined => missing('PostgreSQL', postgresPrograms, ['postgres']);
export const noMariadb = (): string | undefined => missing('MariaDB', mariadbPrograms, ['mysql']);

/** `describe` where there is a server, else a skipped one that says why. */
export function describeServer(name: string, reason: string | undefined, body: () => void): void {
	if (reason === undefined) describe(name, body);
	else {
		process.stderr.write(`skipped: ${name}: ${reason}\n`);
		describe.skip(`${name} (${reason})`, body);
	}
}

export async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address() as { port: number };
	await new Promise((resolve) => server.close(resolve));
	return port;
}

interface Home {
	folder: string;
	data: string;
	cert: string;
	key: string;
	ca: string;
	own: { uid?: number; gid?: number };
}

/** A folder with a certificate for "localhost", signed by an authority of its own, all owned by who runs the server. */
function createHome(own: { uid?: number; gid?: number }): Home {
	const folder = mkdtempSync(join(tmpdir(), 'mlops-db-'));
	const file = (name: string) => join(folder, name);
	const openssl = (...args: string[]) => execFileSync(postgresPrograms.openssl!, args, { stdio: 'pipe' });
	openssl(
		'req',
		'-x509',
		'-newkey',
		'rsa:2048',
		'-nodes',
		'-days',
		'2',
		'-subj',
		'/CN=Test authority',
		'-keyout',
		file('ca.key'),
		'-out',
		file('ca.pem'),
	);
	openssl('req', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=localhost', '-keyout', file('server.key'), '-out', file('server.csr'));
	writeFileSync(file('names'), 'subjectAltName=DNS:localhost\n');
	openssl(
		'x509',
		'-req',
		'-in',
		file('server.csr'),
		'-CA',
		file('ca.pem'),
		'-CAkey',
		file('ca.key'),
		'-CAcreateserial',
		'-days',
		'2',
		'-extfile',
		file('names'),
		'-out',
		file('server.pem'),
	);
	writeFileSync(file('password'), PASSWORD);
	mkdirSync(file('data'), { mode: 0o700 });
	chmodSync(file('server.key'), 0o600);
	if (own.uid !== undefined) for (const path of [folder, ...readdirSync(folder).map(file)]) chownSync(path, own.uid, own.gid!);
	return { folder, data: file('data'), cert: file('server.pem'), key: file('server.key'), ca: readFileSync(file('ca.pem'), 'utf8'), own };
}

/** Waits until the server answers. @throws what it wrote when it ended instead, or says nothing for a minute */
async function ready(child: ChildProcess, log: () => string, attempt: () => Promise<unknown>): Promise<void> {
	for (let tries = 0; ; tries++) {
		if (child.exitCode !== null) throw new Error(`the server ended: ${log()}`);
		try {
			await attempt();
			return;
		} catch (error) {
			if (tries >= 300) throw new Error(`the server does not answer: ${log()}`, { cause: error });
			await delay(200);
		}
	}
}

function launch(
	path: string,
	args: string[],
	{ folder, own }: Home,
): { child: ChildProcess; log: () => string; stop: (signal: NodeJS.Signals) => Promise<void> } {
	let text = '';
	const child = spawn(path, args, { ...own, cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
	for (const stream of [child.stdout, child.stderr])
		stream!.on('data', (chunk: Buffer) => {
			text = (text + chunk.toString()).slice(-4000);
		});
	// A test run that is broken off must not leave a server behind.
	const kill = () => {
		child.kill('SIGKILL');
	};
	process.once('exit', kill);
	return {
		child,
		log: () => text,
		async stop(signal) {
			process.removeListener('exit', kill);
			if (child.exitCode === null) {
				const gone = new Promise((resolve) => {
					child.once('exit', resolve);
				});
				child.kill(signal);
				await gone;
			}
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

export async function startPostgres(): Promise<TestServer> {
	const home = createHome(owner('postgres')!);
	const user = 'owner';
	execFileSync(
		postgresPrograms.initdb!,
		[
			'-D',
			home.data,
			'-U',
			user,
			'-A',
			'scram-sha-256',
			`--pwfile=${join(home.folder, 'password')}`,
			'-E',
			'UTF8',
			'--locale=C',
			'--no-sync',
		],
		{ ...home.own, cwd: home.folder, stdio: 'pipe' },
	);
	// "tls" may come encrypted only, everybody else as they like.
	writeFileSync(
		join(home.data, 'pg_hba.conf'),
		'local all all scram-sha-256\nhostnossl all tls all reject\nhost all all all scram-sha-256\n',
	);
	// In the file, where ALTER SYSTEM can change it; what stands on the command line is fixed.
	appendFileSync(join(home.data, 'postgresql.conf'), `\nssl = on\nssl_cert_file = '${home.cert}'\nssl_key_file = '${home.key}'\n`);
	const port = await freePort();
	const server = launch(
		postgresPrograms.postgres!,
		['-D', home.data, '-p', String(port), '-k', home.folder, ...['listen_addresses=localhost', 'fsync=off'].flatMap((s) => ['-c', s])],
		home,
	);
	const admin: TestServer['admin'] = async (sql) => {
		const client = new pg.Client({ host: 'localhost', port, user, password: PASSWORD, database: 'postgres' });
		client.on('error', () => {});
		await client.connect();
		try {
			const results: unknown = await client.query(sql);
			return ((Array.isArray(results) ? results.at(-1) : results) as { rows: Array<Record<string, unknown>> }).rows;
		} finally {
			await client.end();
		}
	};
	await ready(server.child, server.log, async () => await admin('SELECT 1'));
	return { port, user, password: PASSWORD, database: 'postgres', ca: home.ca, admin, stop: async () => await server.stop('SIGINT') };
}

export async function startMariadb(): Promise<TestServer> {
	const home = createHome(owner('mysql')!);
	execFileSync(
		mariadbPrograms['mariadb-install-db']!,
		['--no-defaults', `--datadir=${home.data}`, '--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve'],
		{ ...home.own, cwd: home.folder, stdio: 'pipe' },
	);
	const port = await freePort();
	const socketPath = join(home.folder, 's.sock');
	const server = launch(
		mariadbPrograms.mariadbd!,
		[
			'--no-defaults',
			`--datadir=${home.data}`,
			`--port=${port}`,
			'--bind-address=127.0.0.1',
			`--socket=${socketPath}`,
			`--pid-file=${join(home.folder, 'pid')}`,
			`--ssl-cert=${home.cert}`,
			`--ssl-key=${home.key}`,
			'--innodb-flush-log-at-trx-commit=0',
			'--innodb-buffer-pool-size=32M',
			'--skip-name-resolve',
		],
		home,
	);
	const admin: TestServer['admin'] = async (sql) => {
		const client = createConnection({ socketPath, user: 'root', multipleStatements: true });
		try {
			return await new Promise((resolve, reject) =>
				client.query(sql, (error, rows) => (error ? reject(error) : resolve(rows as Array<Record<string, unknown>>))),
			);
		} finally {
			client.destroy();
		}
	};
	await ready(server.child, server.log, async () => await admin('SELECT 1'));
	await admin(`CREATE DATABASE shop CHARACTER SET utf8mb4; CREATE USER 'owner'@'%' IDENTIFIED BY '${PASSWORD}'; GRANT ALL ON *.* TO 'owner'@'%';
		CREATE USER 'tls'@'%' IDENTIFIED BY '${PASSWORD}' REQUIRE SSL; GRANT ALL ON shop.* TO 'tls'@'%'`);
	return { port, user: 'owner', password: PASSWORD, database: 'shop', ca: home.ca, admin, stop: async () => await server.stop('SIGTERM') };
}
