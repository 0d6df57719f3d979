import { unescaped } from '../data/unescaped.js';

/** The name of a dataset that nobody named: that of the file, without folder and extension: two files are not two versions of one dataset. */
export function datasetNameOf({ source, params }: { source: string; params?: unknown }): string {
	const { fileName, path, url } = (params ?? {}) as Record<string, string | undefined>;
	const file = source === 'url' ? unescaped(URL.parse(url ?? '')?.pathname ?? '') : source === 'file' ? fileName || path || '' : '';
	return (
		file
			.split(/[\\/]/)
			.at(-1)!
			.replace(/(\.[a-z0-9]{1,8}){1,2}$/i, '')
			.replace(/[^\p{L}\p{N} ._-]/gu, '')
			.trim() || source
	);
}
