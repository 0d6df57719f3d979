import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeDigest, codeVersion, packageVersion, readCode } from '../../lib/app/codeVersion.js';

let root: string;
beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), 'mlops-code-'));
});
afterEach(() => {
	rmSync(root, { recursive: true });
});

const write = (name: string, text: string): void => {
	mkdirSync(join(root, name, '..'), { recursive: true });
	writeFileSync(join(root, name), text);
};
const pack = (version = '1.2.3') => write('package.json', JSON.stringify({ name: 'n8n-nodes-mlops', version }));

it("is the package's version and the digest of the code, so that two builds of one version are two", () => {
	expect(codeVersion()).toBe(`${packageVersion()}+${codeDigest().slice(0, 12)}`);
	expect(codeDigest()).toMatch(/^[0-9a-f]{64}$/);
});

it('takes the digest that the build wrote', () => {
	pack();
	write('dist/build.json', JSON.stringify({ code: 'abc' }));
	write('dist/lib/app/codeVersion.js', '');
	expect(readCode(join(root, 'dist/lib/app'))).toEqual({ version: '1.2.3', digest: 'abc' });
});

it('digests sources that were not built: another line of code is another digest, another version of the package is not', () => {
	pack();
	write('lib/learn/trainModel.ts', 'const a = 1;');
	const first = readCode(join(root, 'lib/learn')).digest;
	pack('2.0.0');
	expect(readCode(join(root, 'lib/learn'))).toEqual({ version: '2.0.0', digest: first });
	write('lib/learn/trainModel.ts', 'const a = 2;');
	expect(readCode(join(root, 'lib/learn')).digest).not.toBe(first);
});
