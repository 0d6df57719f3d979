import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { join } from 'node:path';

/** Makes certificates and keys in a folder by the program `openssl`. */
export function certificatesIn(folder: string, openssl: string) {
	const at = (name: string): string => join(folder, name);
	const run = (...args: string[]): void => void execFileSync(openssl, args, { cwd: folder, stdio: 'pipe' });
	const text = (name: string): string => readFileSync(at(name), 'utf8');
	const write = (name: string, content: string): void => writeFileSync(at(name), content);
	const names = ['-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];

	/** A certificate that vouches for itself. */
	const alone = (cert: string, key: string, { subject = 'localhost', bits = 2048 } = {}): void =>
		run(
			'req',
			'-x509',
			'-newkey',
			`rsa:${bits}`,
			'-nodes',
			'-days',
			'2',
			'-keyout',
			key,
			'-out',
			cert,
			'-subj',
			`/CN=${subject}`,
			...names,
		);

	/** One that is good from one day to another: `20200101000000Z`. */
	function dated(cert: string, key: string, from: string, until: string): void {
		const place = `${cert}.d`;
		mkdirSync(at(place), { recursive: true });
		write(`${place}/index.txt`, '');
		write(`${place}/serial`, '01');
		const settings = `dir=${place}\ndatabase=${place}/index.txt\nserial=${place}/serial\nnew_certs_dir=${place}\ndefault_md=sha256\npolicy=any`;
		write(`${place}/settings`, `[ca]\ndefault_ca=own\n[own]\n${settings}\n[any]\ncommonName=supplied\n`);
		run('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', `${place}/asked`, '-subj', '/CN=localhost');
		const times = ['-startdate', from, '-enddate', until];
		run(
			'ca',
			'-batch',
			'-notext',
			'-config',
			`${place}/settings`,
			'-selfsign',
			'-keyfile',
			key,
			'-in',
			`${place}/asked`,
			'-out',
			cert,
			...times,
		);
	}

	/** A root, one in between that it vouches for, and a server's own: `root`, `between`, `leaf` with `leafKey`. */
	function chained(): void {
		const by = (name: string, of: string, extension: string): void => {
			write(`${name}.more`, extension);
			run('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', `${name}Key`, '-out', `${name}.asked`, '-subj', `/CN=${name}`);
			const signed = ['-CA', of, '-CAkey', `${of}Key`, '-CAcreateserial', '-days', '2', '-extfile', `${name}.more`];
			run('x509', '-req', '-in', `${name}.asked`, '-out', name, ...signed);
		};
		alone('root', 'rootKey', { subject: 'root' });
		by('between', 'root', 'basicConstraints=critical,CA:TRUE\n');
		by('leaf', 'between', 'subjectAltName=IP:127.0.0.1\n');
	}

	return { at, run, text, write, alone, dated, chained };
}

/** What is answered over https to a caller who trusts these certificates; to one who does not look, where there are none. */
export const securely = async (url: string, ca?: string): Promise<string> =>
	await new Promise((resolve, reject) => {
		get(url, ca === undefined ? { rejectUnauthorized: false } : { ca }, (response) => {
			let all = '';
			response
				.setEncoding('utf8')
				.on('data', (chunk: string) => (all += chunk))
				.on('end', () => resolve(all));
		}).on('error', reject);
	});
