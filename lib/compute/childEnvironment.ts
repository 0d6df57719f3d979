/** Our environment without a heap limit that was meant for n8n itself. */
export function childEnvironment(): NodeJS.ProcessEnv {
	const { NODE_OPTIONS: options, ...rest } = process.env;
	const kept = (options ?? '').replace(/--max[-_]old[-_]space[-_]size(=|\s+)\d+/g, '').trim();
	return kept === '' ? rest : { ...rest, NODE_OPTIONS: kept };
}
