import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from '../../lib/domain/json.js';
import { createPredictor } from '../../lib/serve/predictor.js';
import { createPackages } from '../../lib/server/packages.js';
import { freshFolder, removeFolders } from '../store/records.js';
import { fruitPackage, ROW } from './served.js';

afterAll(removeFolders);

it('models beyond the budget go, the least recently used first, and are read again when asked', async () => {
	const folder = await freshFolder();
	const digests: string[] = [];
	let largest = 0;
	for (const trees of [5, 6, 7]) {
		const bytes = await fruitPackage('quality', trees);
		digests.push(sha256(bytes));
		largest = Math.max(largest, (await createPredictor(bytes, digests.at(-1)!)).residentBytes);
		writeFileSync(join(folder, digests.at(-1)!), bytes);
	}
	const read: string[] = [];
	const packages = createPackages(largest * 2.5, (digest) => {
		read.push(digest);
		return Promise.resolve(join(folder, digest));
	});
	const [a, b, c] = digests;
	await packages.load(a);
	await packages.load(b);
	expect(packages.get(a)!.predictor.answer(ROW, 0).prediction).toEqual(expect.any(String));
	await packages.load(c);
	// Two have room: b was not used since.
	expect([packages.get(a), packages.get(b), packages.get(c)].map(Boolean)).toEqual([true, false, true]);
	expect(packages.usedBytes).toBeLessThanOrEqual(largest * 2.5);
	await packages.load(b);
	expect(read).toEqual([a, b, c, b]);
});

it('reads a model once for all who ask meanwhile, and does not try a broken one again and again', async () => {
	const folder = await freshFolder();
	const bytes = await fruitPackage('quality', 5);
	const digest = sha256(bytes);
	writeFileSync(join(folder, digest), bytes);
	let read = 0;
	const packages = createPackages(2 ** 30, (asked) => {
		read++;
		return Promise.resolve(join(folder, asked === digest ? digest : 'none'));
	});
	const all = await Promise.all([packages.load(digest), packages.load(digest), packages.load(digest)]);
	expect([new Set(all).size, read]).toEqual([1, 1]);
	await expect(packages.load('0')).rejects.toThrow();
	await expect(packages.load('0')).rejects.toThrow();
	expect(read).toBe(2);
});

it('refuses a file that is not what its name says', async () => {
	const folder = await freshFolder();
	writeFileSync(join(folder, 'x'), Buffer.from('something else'));
	const packages = createPackages(2 ** 30, () => Promise.resolve(join(folder, 'x')));
	await expect(packages.load('0'.repeat(64))).rejects.toMatchObject({ code: 'store.digest_mismatch' });
});
