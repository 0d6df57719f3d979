/** A value of a driver as text: bytes as hexadecimal digits, objects as JSON. */
export function cellText(value: unknown): string | null {
	if (value === null || value === undefined) return null;
	if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
	return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
