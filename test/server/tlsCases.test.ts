import { writeFileSync } from 'node:fs';
import type { Store } from '../../lib/store/contract.js';
import cases from '../cases/tls/cases.json';
import { program } from '../data/servers.js';
import { freshFolder, removeFolders } from '../store/records.js';
import { certificatesIn, securely } from './certificates.js';
import { fruitStore, startServe } from './served.js';

/** One entry of tls/cases.json; one without files stands in a test of its own. */
interface Case {
	title: string;
	right: string;
	cert?: string;
	key?: string;
	/** A pattern of why the server does not start. */
	refused?: string;
	/** Whom a caller trusts; absent: it does not look. */
	ca?: string;
	/** What the server says to whoever runs it. */
	says?: string;
	/** What /metrics says. */
	expires?: number;
}

const openssl = program('openssl');
let store: Store;
let home: string;
let files: ReturnType<typeof certificatesIn>;
beforeAll(async () => {
	({ home, store } = await fruitStore());
	if (!openssl) return;
	files = certificatesIn(await freshFolder(), openssl);
	const { alone, dated, chained, run, text, write, at } = files;
	alone('own', 'ownKey');
	alone('other', 'otherKey');
	alone('short', 'shortKey', { bits: 768 });
	dated('over', 'overKey', '20200101000000Z', '20200201000000Z');
	run('x509', '-in', 'own', '-outform', 'der', '-out', 'der');
	run('pkey', '-in', 'ownKey', '-outform', 'der', '-out', 'derKey');
	run('pkey', '-in', 'ownKey', '-aes256', '-passout', 'pass:secret', '-out', 'encrypted');
	dated('early', 'earlyKey', '20400101000000Z', '20410101000000Z');
	chained();
	write('chain', text('leaf') + text('between'));
	write('wrongOrder', text('between') + text('leaf'));
	write('both', text('own') + text('ownKey'));
	write('empty', '');
	write('cut', text('own').replace(/\n.{64}\n.{64}\n/, '\n'));
	const wrapped = (name: string): string => `Bag Attributes\n  friendlyName: own\n${text(name)}and so on\n`.replace(/\n/g, '\r\n');
	writeFileSync(at('wrapped'), Buffer.from(`\uFEFF${wrapped('own')}`));
	write('wrappedKey', wrapped('ownKey'));
});
afterAll(async () => {
	await store.close();
	await removeFolders();
});

(openssl ? it : it.skip).each((cases as Case[]).filter(({ cert }) => cert !== undefined))(
	'$title: $right',
	async ({ cert, key, refused, ca, says = '', expires }) => {
		const args = ['--no-keys', '--listeners', '1', '--tls-cert', files.at(cert!), '--tls-key', files.at(key!)];
		if (refused !== undefined) {
			const failure = await startServe(home, args).then(
				() => 'it started',
				(thrown: Error) => thrown.message,
			);
			expect(failure).toMatch(new RegExp(refused));
			expect(failure).toContain('input.invalid');
			return;
		}
		const server = await startServe(home, args);
		try {
			expect(JSON.parse(await securely(`${server.url}/health/live`, ca && files.text(ca)))).toMatchObject({ live: true });
			if (expires !== undefined)
				expect(await securely(`${server.url}/metrics`)).toContain(`\nmlops_certificate_expires_seconds ${expires}\n`);
		} finally {
			expect(await server.stop()).toBe(0);
		}
		expect(server.said()).toContain(says);
	},
);
