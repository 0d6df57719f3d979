import { secretsGiven } from './secrets.js';

/**
 * Jobs fill hundreds of megabytes in a moment: in large pages a twentieth of the work of Ingest is saved, where the system's library for
 * memory (glibc 2.35 and later) asks for them and the system gives them to those who ask. Others do not know the name.
 */
const LARGE_PAGES = 'glibc.malloc.hugetlb=1';

/** Our environment without a heap limit that was meant for n8n itself, and with what we were told in confidence. */
export function childEnvironment(): NodeJS.ProcessEnv {
	const { NODE_OPTIONS: options, ...own } = process.env;
	const rest = { GLIBC_TUNABLES: LARGE_PAGES, ...own, ...secretsGiven() };
	const kept = (options ?? '').replace(/--max[-_]old[-_]space[-_]size(=|\s+)\d+/g, '').trim();
	return kept === '' ? rest : { ...rest, NODE_OPTIONS: kept };
}
