import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { accountOf, linkPackage, prepareUserFolder, resetUserFolder } from '../../scripts/n8nFolder.mts';

describe("the folder in which npm start keeps n8n's data", () => {
	let userFolder: string;

	beforeEach(async () => {
		userFolder = path.join(await fs.mkdtemp(path.join(os.tmpdir(), 'mlops-folder-')), 'user');
	});

	afterEach(async () => {
		await fs.rm(path.dirname(userFolder), { recursive: true, force: true });
	});

	it('is wiped by --reset when npm start made it', async () => {
		await prepareUserFolder(userFolder);
		const before = await accountOf(userFolder);
		await resetUserFolder(userFolder);
		expect(await accountOf(userFolder)).not.toEqual(before);
	});

	it('is left alone by --reset when it was there before', async () => {
		await fs.mkdir(userFolder);
		await fs.writeFile(path.join(userFolder, 'database.sqlite'), 'theirs');
		await prepareUserFolder(userFolder);
		await expect(resetUserFolder(userFolder)).rejects.toThrow('was not made by npm start');
		expect(await fs.readFile(path.join(userFolder, 'database.sqlite'), 'utf8')).toBe('theirs');
	});

	it('keeps one password, readable by its user alone', async () => {
		await prepareUserFolder(userFolder);
		const first = await accountOf(userFolder);
		expect(await accountOf(userFolder)).toEqual(first);
		expect(first.password.length).toBeGreaterThanOrEqual(12);
		if (process.platform !== 'win32') expect((await fs.stat(path.join(userFolder, 'account.json'))).mode & 0o077).toBe(0);
	});

	it('holds a link to the package beside other community packages, however often it is made', async () => {
		await prepareUserFolder(userFolder);
		const file = path.join(userFolder, '.n8n/nodes/package.json');
		await fs.writeFile(file, JSON.stringify({ name: 'installed-nodes', private: true, dependencies: { 'n8n-nodes-other': '1.0.0' } }));
		await linkPackage(userFolder);
		await linkPackage(userFolder);
		const link = path.join(userFolder, '.n8n/nodes/node_modules/n8n-nodes-mlops');
		expect(await fs.realpath(link)).toBe(await fs.realpath(path.resolve(__dirname, '../..')));
		const { dependencies } = JSON.parse(await fs.readFile(file, 'utf8')) as { dependencies: Record<string, string> };
		expect(Object.keys(dependencies)).toEqual(['n8n-nodes-other', 'n8n-nodes-mlops']);
	});
});
