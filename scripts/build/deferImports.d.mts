/** Types of `deferImports.mjs` for the tests. */
export function deferImports(code: string): string;
