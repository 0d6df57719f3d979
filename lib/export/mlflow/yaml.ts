export type Tree = { [name: string]: Tree | string | number | boolean | readonly string[] };

/** Characters that JSON leaves as they are and YAML does not take. */
const UNPRINTED = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;
const scalar = (value: unknown): string =>
	JSON.stringify(value).replace(UNPRINTED, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

/** Names and values as YAML; each value in the form that JSON and YAML have in common. */
export function yamlOf(tree: Tree, indent = ''): string {
	return Object.entries(tree)
		.map(([name, value]) =>
			typeof value === 'object' && !Array.isArray(value)
				? `${indent}${name}:\n${yamlOf(value as Tree, `${indent}  `)}`
				: `${indent}${name}: ${scalar(value)}\n`,
		)
		.join('');
}
