/** What lies behind every text that begins with a prefix, in the order of bytes. */
export const behindPrefix = (prefix: string): string => `${prefix}\u{10ffff}`;
