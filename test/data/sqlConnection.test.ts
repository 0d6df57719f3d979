import { connectionSchema } from '../../lib/data/databases/contract.js';
import { connectionOf } from '../../lib/data/databases/connection.js';

const postgres = {
	host: 'db.example.com',
	port: 5432,
	user: 'ann',
	password: 'secret',
	database: 'shop',
	maxConnections: 100,
	allowUnauthorizedCerts: false,
	ssl: 'disable',
	sshTunnel: false,
};
const mysql = {
	host: 'db.example.com',
	port: 3306,
	user: 'ann',
	password: 'secret',
	database: 'shop',
	connectTimeout: 10000,
	ssl: false,
	sshTunnel: false,
};

describe("n8n's own credentials", () => {
	test.each([
		['disable', postgres, undefined],
		['allow: encrypted where the server can', { ...postgres, ssl: 'allow' }, { mode: 'prefer', verify: true }],
		['require', { ...postgres, ssl: 'require' }, { mode: 'require', verify: true }],
		[
			'ignore SSL issues, which hides the choice of SSL',
			{ ...postgres, allowUnauthorizedCerts: true, ssl: undefined },
			{ mode: 'require', verify: false },
		],
		[
			'ignore SSL issues, with an old choice left behind',
			{ ...postgres, allowUnauthorizedCerts: true, ssl: 'disable' },
			{ mode: 'require', verify: false },
		],
	])('Postgres: %s', (_, credential, tls) => {
		const connection = connectionOf('postgres', credential);
		expect(connection).toEqual({
			host: 'db.example.com',
			port: 5432,
			user: 'ann',
			password: 'secret',
			database: 'shop',
			...(tls ? { tls } : {}),
		});
		expect(connectionSchema.parse(connection)).toEqual(connection);
	});
	test('MySQL: time to connect, certificates on one line become PEM again', () => {
		expect(connectionOf('mysql', mysql)).toEqual({
			host: 'db.example.com',
			port: 3306,
			user: 'ann',
			password: 'secret',
			database: 'shop',
			connectTimeoutSeconds: 10,
		});
		const lines = '-----BEGIN CERTIFICATE-----\nAAAA\nBBBB\n-----END CERTIFICATE-----\n';
		const ssl = {
			...mysql,
			ssl: true,
			caCertificate: lines.trim().replaceAll('\n', ' '),
			clientCertificate: lines.trim().replaceAll('\n', '\\n'),
			clientPrivateKey: lines.replaceAll('CERTIFICATE', 'PRIVATE KEY'),
		};
		expect(connectionOf('mysql', ssl).tls).toEqual({
			mode: 'require',
			verify: true,
			ca: lines,
			cert: lines,
			key: lines.replaceAll('CERTIFICATE', 'PRIVATE KEY').trim(),
		});
		expect(connectionOf('mysql', { ...mysql, ssl: true, caCertificate: '' }).tls).toEqual({ mode: 'require', verify: true });
	});
	test('an SSH tunnel is refused', () => {
		expect(() => connectionOf('postgres', { ...postgres, sshTunnel: true })).toThrow(
			expect.objectContaining({ code: 'input.invalid', message: 'This credential goes through an SSH tunnel, which Ingest cannot open.' }),
		);
	});
});
