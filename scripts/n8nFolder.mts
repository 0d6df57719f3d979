import { createHash, randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { root } from './build/paths.mts';
import { n8nCommand } from './n8nInstall.mts';
import { runCaptured } from './processes.mts';

/** Says that we made a folder, and so may wipe it. */
const marker = 'made-by-n8n-nodes-mlops';

/** Where `npm start` keeps n8n's data: the same for all clones, apart from an n8n that the person already has. */
export const defaultUserFolder = () => process.env.N8N_USER_FOLDER || path.join(os.homedir(), '.n8n-nodes-mlops');

/** Makes the folder where it is missing; one that was there before is used but never called ours. */
export async function prepareUserFolder(userFolder: string): Promise<void> {
	await fs.mkdir(userFolder, { recursive: true });
	if ((await fs.readdir(userFolder)).length === 0) await fs.writeFile(path.join(userFolder, marker), '');
	await fs.mkdir(path.join(userFolder, '.n8n/nodes/node_modules'), { recursive: true });
}

/** Empties a folder that we made; refuses any other. */
export async function resetUserFolder(userFolder: string): Promise<void> {
	const entries = await fs.readdir(userFolder).catch((): string[] => []);
	if (entries.length === 0) return;
	if (!entries.includes(marker))
		throw new Error(`${userFolder} was not made by npm start, so it is left as it is. Remove it by hand if you want to.`);
	for (const entry of entries.filter((name) => name !== marker))
		await fs.rm(path.join(userFolder, entry), { recursive: true, force: true });
}

/** Links a package into n8n's folder of community packages, so that its nodes have their real type names. */
export async function linkPackage(userFolder: string, packageFolder: string = root): Promise<void> {
	const { name, version } = JSON.parse(await fs.readFile(path.join(packageFolder, 'package.json'), 'utf8'));
	const nodes = path.join(userFolder, '.n8n/nodes');
	const link = path.join(nodes, 'node_modules', name);
	await fs.mkdir(path.dirname(link), { recursive: true });
	await fs.rm(link, { recursive: true, force: true });
	await fs.symlink(packageFolder, link, process.platform === 'win32' ? 'junction' : 'dir');
	const file = path.join(nodes, 'package.json');
	const manifest = await fs.readFile(file, 'utf8').then(JSON.parse, () => ({ name: 'installed-nodes', private: true }));
	manifest.dependencies = { ...manifest.dependencies, [name]: version };
	await fs.writeFile(file, JSON.stringify(manifest, null, 2));
}

/** The owner's e-mail and a password that is made once and kept, readable by its user alone, in the user folder. */
export async function accountOf(userFolder: string): Promise<{ email: string; password: string }> {
	const file = path.join(userFolder, 'account.json');
	const kept = await fs.readFile(file, 'utf8').then(JSON.parse, () => undefined);
	if (kept) return kept;
	const account = { email: 'owner@example.com', password: `Aa1-${randomBytes(9).toString('base64url')}` };
	await fs.writeFile(file, JSON.stringify(account, null, '\t'), { mode: 0o600 });
	return account;
}

/**
 * Imports workflow files by their ids while n8n is not running. A template that was imported before comes again only when
 * its file changed and the person did not edit or delete it. Returns the names of those left alone although they changed.
 */
export async function importTemplates(
	userFolder: string,
	{ folder = path.join(root, 'workflows'), env = process.env }: { folder?: string; env?: NodeJS.ProcessEnv } = {},
): Promise<string[]> {
	const file = path.join(userFolder, 'templates.json');
	const imported = await fs.readFile(file, 'utf8').then(JSON.parse, () => ({}));
	const present = await presentWorkflows(userFolder);
	const wanted: Array<{ workflow: { id: string; name: string }; digest: string }> = [];
	const left: string[] = [];
	for (const name of (await fs.readdir(folder).catch((): string[] => [])).filter((entry) => entry.endsWith('.json')).sort()) {
		const text = await fs.readFile(path.join(folder, name), 'utf8');
		const digest = createHash('sha256').update(text).digest('hex');
		const workflow = JSON.parse(text);
		const before = imported[workflow.id];
		if (before?.digest === digest) continue;
		const untouched = !before || present.get(workflow.id) === before.version;
		if (untouched && (!before || present.has(workflow.id))) wanted.push({ workflow, digest });
		else left.push(workflow.name);
	}
	if (wanted.length === 0) return left;
	const bundle = path.join(userFolder, 'import.json');
	await fs.writeFile(bundle, JSON.stringify(wanted.map(({ workflow }) => ({ active: false, ...workflow }))));
	const [program, args] = n8nCommand('import:workflow', `--input=${bundle}`);
	await runCaptured(program, args, { env, cwd: userFolder });
	await fs.rm(bundle);
	const versions = await presentWorkflows(userFolder);
	for (const { workflow, digest } of wanted) imported[workflow.id] = { digest, version: versions.get(workflow.id) };
	await fs.writeFile(file, JSON.stringify(imported, null, '\t'));
	return left;
}

/** Ids and versions of the workflows in n8n's own SQLite file; n8n gives a workflow a new version at every edit. */
async function presentWorkflows(userFolder: string): Promise<Map<string, string>> {
	const file = path.join(userFolder, '.n8n/database.sqlite');
	const found = await fs.access(file).then(
		() => true,
		() => false,
	);
	if (!found) return new Map();
	const { DatabaseSync } = await import('node:sqlite');
	const database = new DatabaseSync(file, { readOnly: true });
	try {
		const rows = database.prepare('select id, versionId from workflow_entity').all() as Array<{ id: string; versionId: string }>;
		return new Map(rows.map(({ id, versionId }) => [id, versionId]));
	} catch {
		return new Map();
	} finally {
		database.close();
	}
}
