import { secretsGiven } from './secrets.js';

/** Our environment without a heap limit that was meant for n8n itself, and with what we were told in confidence. */
export function childEnvironment(): NodeJS.ProcessEnv {
	const { NODE_OPTIONS: options, ...own } = process.env;
	const rest = { ...own, ...secretsGiven() };
	const kept = (options ?? '').replace(/--max[-_]old[-_]space[-_]size(=|\s+)\d+/g, '').trim();
	return kept === '' ? rest : { ...rest, NODE_OPTIONS: kept };
}
