import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { processMark } from '../../../lib/compute/processMark.js';
import { datasetBody } from '../records.js';
import { describeStores } from './places.js';

const fails = new Error('It failed.');
describeStores('work that puts files and then names them', (stage) => {
	const has = async (...digests: string[]): Promise<boolean[]> =>
		await Promise.all(digests.map(async (digest) => await stage.store.artifacts.has(digest)));
	const temporaries = async (): Promise<string[]> => await readdir(join(stage.place.home, 'tmp'));

	it('leaves, where it fails, what records name and what was there before, and nothing else', async () => {
		const earlier = await stage.store.artifacts.put('of an older version, which no record names');
		let put: string[] = [];
		let paths: string[] = [];
		const work = stage.store.keeping(async () => {
			const named = await datasetBody(stage.store, 'named');
			await stage.store.add('dataset', 'people', named);
			put = [
				named.data,
				await stage.store.artifacts.put('of an older version, which no record names'),
				await stage.store.artifacts.put('new'),
			];
			paths = await Promise.all(['csv', 'parquet'].map(async (extension) => await stage.store.artifacts.temporary(extension)));
			for (const path of paths) await writeFile(path, 'x');
			await stage.store.artifacts.handOver(paths[1]);
			throw fails;
		});
		await expect(work).rejects.toBe(fails);
		expect(put[1]).toBe(earlier);
		expect(await has(...put)).toEqual([true, true, false]);
		expect(paths.map((path) => existsSync(path))).toEqual([false, true]);
		expect(await temporaries()).toHaveLength(1);
	});

	it('keeps, where it ends well, all that it put', async () => {
		const put = await stage.store.keeping(async () => await stage.store.artifacts.put('new'));
		expect(await has(put)).toEqual([true]);
		expect(await temporaries()).toEqual([]);
	});

	it('does not touch what other work puts meanwhile', async () => {
		let go = (): void => {};
		const waiting = new Promise<void>((resolve) => (go = resolve));
		const failing = stage.store.keeping(async () => {
			await stage.store.artifacts.put('mine');
			await waiting;
			throw fails;
		});
		const other = await stage.store.keeping(async () => await stage.store.artifacts.put('theirs'));
		const alone = await stage.store.artifacts.put('nobody says whose');
		go();
		await expect(failing).rejects.toBe(fails);
		expect(await has(other, alone)).toEqual([true, true]);
	});

	it('leaves what other work found there and is about to name', async () => {
		let go = (): void => {};
		const waiting = new Promise<void>((resolve) => (go = resolve));
		const body = await datasetBody(stage.store, 'another');
		let put = '';
		const failing = stage.store.keeping(async () => {
			put = await stage.store.artifacts.put('the same');
			await waiting;
			throw fails;
		});
		const failed = expect(failing).rejects.toBe(fails);
		const other = await stage.store.keeping(async () => {
			const data = await stage.store.artifacts.put('the same');
			go();
			await failed;
			return await stage.store.add('dataset', 'people', { ...body, data });
		});
		expect(other.body.data).toBe(put);
		expect(await has(put)).toEqual([true]);
		expect(await temporaries()).toEqual([]);
	});

	it('never takes away what a record names that was added meanwhile', async () => {
		const body = await datasetBody(stage.store, 'other');
		await expect(
			stage.store.keeping(async () => {
				const data = await stage.store.artifacts.put('both');
				await stage.store.add('dataset', 'people', { ...body, data });
				throw fails;
			}),
		).rejects.toBe(fails);
		await stage.store.verify();
	});

	it('what killed work had put goes when the store is opened next, unless a record names it; what a running process puts stays', async () => {
		const gone = processMark().replace(/\d+$/, '1');
		const named = (await datasetBody(stage.store, 'named')).data;
		await stage.store.add('dataset', 'people', { ...(await datasetBody(stage.store, 'named')), data: named });
		const [unnamed, running] = [await stage.store.artifacts.put('unnamed'), await stage.store.artifacts.put('running')];
		const never = 'f'.repeat(64);
		const mark = async (n: number, digest: string, of: string): Promise<void> =>
			await writeFile(join(stage.place.home, 'tmp', `${String(n).repeat(24)}-${of}.named_${digest}`), '');
		await mark(1, named, gone);
		await mark(2, unnamed, gone);
		await mark(3, never, gone);
		await mark(4, running, processMark());
		await stage.reopen();
		expect(await has(named, unnamed, running)).toEqual([true, process.platform !== 'linux', true]);
		if (process.platform === 'linux') expect(await temporaries()).toEqual([expect.stringMatching(/^4/)]);
		await stage.store.verify();
	});
});
