import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const root = path.join(__dirname, '../..');
const command = ['scripts/generate/reference.mts', '--check'];

describe('the node reference', () => {
	const text = fs.readFileSync(path.join(root, 'nodes/README.md'), 'utf8');

	it('says what the built nodes are (else: node scripts/generate/reference.mts --write)', async () => {
		await expect(promisify(execFile)(process.execPath, command, { cwd: root })).resolves.toMatchObject({ stderr: '' });
	});

	it('has a word for a newcomer on every field', () => {
		const rows = text.split('\n').filter((line) => line.startsWith('| **'));
		expect(rows.length).toBeGreaterThan(100);
		expect(rows.filter((row) => /\|\s*\|$/.test(row))).toEqual([]);
	});
});

describe('the page of the benchmark of quality', () => {
	it('lists the tables that there are (else: node test/bench/quality/docs.mts --write)', async () => {
		await expect(promisify(execFile)(process.execPath, ['test/bench/quality/docs.mts', '--check'], { cwd: root })).resolves.toMatchObject({
			stderr: '',
		});
	});
});

describe('the pages for people', () => {
	/** Of headings, as GitHub makes them, and those that a page sets itself. */
	const anchorsOf = (text: string) =>
		new Set([
			...[...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) =>
				title
					.toLowerCase()
					.replace(/[^\w\- ]/g, '')
					.replace(/ /g, '-'),
			),
			...[...text.matchAll(/<a id="([\w-]+)"><\/a>/g)].map(([, id]) => id),
		]);

	it.each(['README.md', 'lib/README.md', 'nodes/README.md', 'test/bench/quality/README.md'])(
		'%s has no link that leads nowhere',
		(page) => {
			const text = fs.readFileSync(path.join(root, page), 'utf8').replace(/```[^]*?```/g, '');
			const links = [...text.matchAll(/\]\(([^)\s]+)\)/g), ...text.matchAll(/<img src="([^"]+)"/g)]
				.map(([, link]) => link)
				.filter((link) => !/^https?:/.test(link));
			const broken = links.filter((link) => {
				const [file, anchor] = link.split('#');
				const target = file === '' ? path.join(root, page) : path.resolve(root, path.dirname(page), file);
				if (!fs.existsSync(target)) return true;
				return anchor !== undefined && !anchorsOf(fs.readFileSync(target, 'utf8')).has(anchor);
			});
			expect(links.length).toBeGreaterThan(0);
			expect(broken).toEqual([]);
		},
	);
});
