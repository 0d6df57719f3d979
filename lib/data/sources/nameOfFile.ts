/**
 * The name that a file gives to its dataset, without folder and extension: two files are not two versions of one dataset. Undefined if
 * nothing is left.
 */
export const nameOfFile = (path: string): string | undefined =>
	path
		.split(/[\\/]/)
		.at(-1)!
		.replace(/(\.[a-z0-9]{1,8}){1,2}$/i, '')
		.replace(/[^\p{L}\p{N} ._-]/gu, '')
		.trim() || undefined;
