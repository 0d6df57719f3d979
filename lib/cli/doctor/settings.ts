import { access, constants } from 'node:fs/promises';
import { homeFolder } from '../../compute/homeFolder.js';
import { n8nSetting } from '../../compute/setting.js';
import type { Check, Finding } from './contract.js';

/** n8n's settings that matter, as this shell has them. */
export const settings: Check = async () => [
	{
		about: 'Settings',
		state: 'ok',
		text: 'as this shell has them: where n8n gets others (a service, a container), call mlops with those',
	},
	mode(),
	...(await files()),
	links(),
	binaries(),
	packages(),
	runners(),
	code(),
];

function mode(): Finding {
	const about = 'EXECUTIONS_MODE';
	if (n8nSetting(about) === 'queue' && n8nSetting('MLOPS_STORE_URL'))
		return { about, state: 'ok', text: 'queue, with a store that all machines share (MLOPS_STORE_URL)' };
	if (n8nSetting(about) !== 'queue') return { about, state: 'ok', text: n8nSetting(about) ?? 'regular (not set)' };
	return {
		about,
		state: 'broken',
		text: 'queue: n8n spreads executions over machines, and a store in a folder is on one of them',
		remedy: 'Set MLOPS_STORE_URL, MLOPS_STORE_ARTIFACTS and MLOPS_STORE_SECRET on main and workers, or EXECUTIONS_MODE=regular.',
	};
}

/** Folders that Ingest may read. */
async function files(): Promise<Finding[]> {
	const about = 'N8N_RESTRICT_FILE_ACCESS_TO';
	const set = n8nSetting(about);
	const folders = (set ? set.split(';') : ['~/.n8n-files']).map((folder) => folder.trim()).filter(Boolean);
	const missing: string[] = [];
	for (const folder of folders) {
		const real = folder.startsWith('~') ? folder.replace('~', homeFolder()) : folder;
		await access(real, constants.R_OK | constants.X_OK).catch(() => missing.push(folder));
	}
	const text = `Ingest reads files in ${folders.join(', ')}${set ? '' : ' (not set)'}`;
	if (missing.length === 0) return [{ about, state: 'ok', text }];
	return [
		{
			about,
			state: set ? 'warning' : 'ok',
			text: `${text}; not there or not readable: ${missing.join(', ')}`,
			remedy: `Make the folder, or name another one in ${about}.`,
		},
	];
}

/** Where approval links lead. */
function links(): Finding {
	const about = 'WEBHOOK_URL';
	const set = n8nSetting(about);
	if (!set)
		return {
			about,
			state: 'warning',
			text: 'not set: approval links point to localhost and work on this machine alone',
			remedy: 'Set WEBHOOK_URL to the address under which people reach n8n.',
		};
	const url = URL.parse(set);
	if (!url) return { about, state: 'broken', text: `"${set}" is no address`, remedy: 'Correct it: https://n8n.example.com/' };
	if (url.pathname !== '/')
		return {
			about,
			state: 'warning',
			text: `${set} has a path: behind a proxy that strips it, signed approval links fail`,
			remedy: 'Serve n8n from the root of a host name.',
		};
	const open = url.protocol === 'http:' && !/^(localhost|127\.|\[::1\])/.test(url.hostname);
	if (open) return { about, state: 'warning', text: `${set} is not encrypted: who listens can decide`, remedy: 'Serve n8n under https.' };
	return { about, state: 'ok', text: set };
}

/** Where reports and files of predictions lie while an execution runs and after it. */
function binaries(): Finding {
	const about = 'N8N_DEFAULT_BINARY_DATA_MODE';
	const set = n8nSetting(about);
	if (set !== 'default') return { about, state: 'ok', text: set ?? 'filesystem (not set)' };
	return {
		about,
		state: 'warning',
		text: "default: reports lie in n8n's memory and in its database",
		remedy: `Set ${about}=filesystem.`,
	};
}

function packages(): Finding {
	const about = 'N8N_COMMUNITY_PACKAGES_ENABLED';
	if (n8nSetting(about)?.toLowerCase() !== 'false') return { about, state: 'ok', text: n8nSetting(about) ?? 'true (not set)' };
	return { about, state: 'broken', text: 'false: n8n loads no nodes of other makers', remedy: `Remove the setting, or set ${about}=true.` };
}

function runners(): Finding {
	const about = 'N8N_RUNNERS_MODE';
	return {
		about,
		state: 'ok',
		text: `${n8nSetting(about) ?? 'internal (not set)'}: for n8n's own Code node; the nodes here use processes of their own`,
	};
}

function code(): Finding {
	const about = 'MLOPS_ALLOW_CUSTOM_CODE';
	const on = n8nSetting(about) === 'true';
	return { about, state: 'ok', text: on ? 'true: the step Custom code may be used' : 'the step Custom code is off' };
}
