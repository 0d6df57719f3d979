import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const root = path.join(__dirname, '../..');
const command = ['scripts/generate/reference.mjs', '--check'];

describe('the node reference', () => {
	const text = fs.readFileSync(path.join(root, 'nodes/README.md'), 'utf8');

	it('says what the built nodes are (else: node scripts/generate/reference.mjs --write)', async () => {
		await expect(promisify(execFile)(process.execPath, command, { cwd: root })).resolves.toMatchObject({ stderr: '' });
	});

	it('has a word for a newcomer on every field', () => {
		const rows = text.split('\n').filter((line) => line.startsWith('| **'));
		expect(rows.length).toBeGreaterThan(100);
		expect(rows.filter((row) => /\|\s*\|$/.test(row))).toEqual([]);
	});

	it('has no link that leads nowhere', () => {
		const anchors = new Set([...text.matchAll(/^#+ (.*)$/gm)].map(([, title]) => title.toLowerCase().replace(/[^\w\- ]/g, '').replace(/ /g, '-')));
		const links = [...text.matchAll(/\]\(#([^)]*)\)/g)].map(([, anchor]) => anchor);
		expect(links.filter((anchor) => !anchors.has(anchor))).toEqual([]);
	});
});
