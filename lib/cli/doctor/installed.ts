import { readFileSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import process from 'node:process';
import { homeFolder } from '../../compute/homeFolder.js';
import { codeVersion, packageVersion } from '../../app/codeVersion.js';
import { tried, type Check, type Finding } from './contract.js';

const find = createRequire(__filename);
const LEAST_N8N = [2, 36];
const REINSTALL = 'Install n8n-nodes-mlops again: a part of it is missing or made for another system.';

/** Versions of what is there, and whether the two native libraries work. */
export const installed: Check = async () => [
	{ about: 'mlops', state: 'ok', text: `${codeVersion()}, in ${dirname(dirname(dirname(__dirname)))}` },
	{ about: 'Node', state: 'ok', text: `${process.versions.node}, ${process.platform} ${process.arch}` },
	n8n(),
	...inN8n(),
	await tried('DuckDB', duckdb, { state: 'broken', remedy: REINSTALL }),
	await tried('Drawing (resvg)', drawing, { state: 'broken', remedy: REINSTALL }),
];

function n8n(): Finding {
	const about = 'n8n';
	const version = (process.env.PATH ?? '')
		.split(delimiter)
		.map((folder) => versionAbove(join(folder, 'n8n'), 'n8n'))
		.find(Boolean);
	if (version === undefined)
		return { about, state: 'ok', text: 'no program of this name on the PATH: it runs elsewhere, in a container, or not at all' };
	const [major, minor] = version.split('.').map(Number);
	if (major > LEAST_N8N[0] || (major === LEAST_N8N[0] && minor >= LEAST_N8N[1])) return { about, state: 'ok', text: version };
	return { about, state: 'warning', text: version, remedy: `The nodes are made for n8n ${LEAST_N8N.join('.')} or newer: update n8n.` };
}

/** The version of the package that a program belongs to. */
function versionAbove(program: string, name: string): string | undefined {
	try {
		for (let at = dirname(realpathSync(program)); dirname(at) !== at; at = dirname(at)) {
			const found = manifest(at);
			if (found?.name === name) return found.version;
		}
	} catch {
		// Not in this folder.
	}
	return undefined;
}

/** Whether the n8n of this user has the nodes of the same version. */
function inN8n(): Finding[] {
	const folder = join(process.env.N8N_USER_FOLDER || homeFolder(), '.n8n/nodes/node_modules/n8n-nodes-mlops');
	const version = manifest(folder)?.version;
	if (version === undefined) return [{ about: 'In n8n', state: 'ok', text: `not installed in ${folder}` }];
	const same = version === packageVersion();
	return [
		{
			about: 'In n8n',
			state: same ? 'ok' : 'warning',
			text: `${version}, in ${folder}`,
			...(same ? {} : { remedy: 'Nodes and command are of different versions and work on one store: update the older one.' }),
		},
	];
}

function manifest(folder: string): { name?: string; version?: string } | undefined {
	try {
		return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name?: string; version?: string };
	} catch {
		return undefined;
	}
}

async function duckdb(): Promise<string> {
	const { version, DuckDBInstance } = await import('@duckdb/node-api');
	const instance = await DuckDBInstance.create(':memory:');
	const connection = await instance.connect();
	try {
		const [[sum]] = (await connection.runAndReadAll('SELECT sum(i)::INTEGER FROM range(1000) t(i)')).getRows();
		if (sum !== 499_500) throw new Error(`it counts wrongly: ${String(sum)}`);
	} finally {
		connection.closeSync();
		instance.closeSync();
	}
	return version();
}

async function drawing(): Promise<string> {
	const { Resvg } = await import('@resvg/resvg-js');
	const square = '<svg xmlns="http://www.w3.org/2000/svg" width="2" height="2"><rect width="2" height="2" fill="#ff0000"/></svg>';
	const { pixels, width, height } = new Resvg(square).render();
	if (width !== 2 || height !== 2 || pixels[0] !== 255 || pixels[1] !== 0) throw new Error('it draws wrongly');
	return (find('@resvg/resvg-js/package.json') as { version: string }).version;
}
