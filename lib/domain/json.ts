import { createHash } from 'node:crypto';

/** JSON with sorted keys and no spaces: equal values give equal text, so its digest is an identity. Refuses what JSON would drop silently. */
export function canonicalJson(value: unknown): string {
	if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
	if (typeof value === 'number') {
		if (!Number.isFinite(value)) throw new TypeError(`canonicalJson: ${value} has no JSON form`);
		return JSON.stringify(value);
	}
	if (Array.isArray(value)) return `[${value.map((v) => canonicalJson(v === undefined ? null : v)).join(',')}]`;
	if (typeof value === 'object') {
		const object = value as Record<string, unknown>;
		const keys = Object.keys(object).filter((k) => object[k] !== undefined).sort();
		return `{${keys.map((k) => `${JSON.stringify(k)}:${canonicalJson(object[k])}`).join(',')}}`;
	}
	throw new TypeError(`canonicalJson: a ${typeof value} has no JSON form`);
}

/** SHA-256 in lower-case hex. */
export const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** Identity of a JSON value. */
export const digestOf = (value: unknown): string => sha256(canonicalJson(value));

/** The first entries of a list whose JSON together takes at most so many bytes. */
export function withinBytes<T>(list: readonly T[], bytes: number): T[] {
	let used = 0;
	const end = list.findIndex((entry) => (used += Buffer.byteLength(JSON.stringify(entry)) + 1) > bytes);
	return list.slice(0, end < 0 ? list.length : end);
}
