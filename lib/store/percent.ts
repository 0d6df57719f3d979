/** A part of an address as it was meant: what is percent-encoded is decoded, and a `%` that begins no code stands for itself. */
export const decoded = (part: string): string =>
	part.replace(/(?:%[0-9a-f]{2})+/gi, (codes) => Buffer.from(codes.replaceAll('%', ''), 'hex').toString('utf8'));
