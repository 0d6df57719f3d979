/** A field of what came as JSON, whatever its name: `constructor` is one only where it was sent. */
export const own = <T>(object: Readonly<Record<string, T>>, name: string): T | undefined => new Map(Object.entries(object)).get(name);
