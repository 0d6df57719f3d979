/**
 * Makes the static imports of a compiled file wait until they are first used, as Babel's and SWC's option `lazy` do, so that
 * n8n reads a node's description without loading engines. `code` is CommonJS as esbuild writes it: each import is one
 * line, and each use is a property of the imported name. An import that is used in any other way stays as it is.
 */
export function deferImports(code: string): string {
	const imports = [...code.matchAll(/^var (import_\w+) = ((?:__toESM\()?require\("[^"]+"\)\)?);$/gm)];
	let result = code;
	for (const [line, name, load] of imports) {
		const uses = (result.match(occurrences(name, '')) ?? []).length - 1;
		const members = result.match(occurrences(name, '(?=\\.[A-Za-z_$])'))?.length ?? 0;
		if (uses === 0 || uses !== members) continue;
		result = result
			.replace(occurrences(name, '(?=\\.[A-Za-z_$])'), `(${name}())`)
			.replace(line, `var ${name}_loaded;\nvar ${name} = () => ${name}_loaded ??= ${load};`);
	}
	return result;
}

/** Finds `name` where it is a word of its own: after a spread, but not as a property of something else. */
const occurrences = (name: string, followedBy: string) => new RegExp(`(?<![\\w$])(?<!(?<!\\.\\.)\\.)${name}(?![\\w$])${followedBy}`, 'g');
