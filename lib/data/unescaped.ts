/** An address's own text; a lone % in it is a character like any other. */
export const unescaped = (text: string): string =>
	text.replace(/(%[0-9a-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString());
