/** ISO text without what is zero at its end. */
export function isoText(milliseconds: number): string {
	const date = new Date(milliseconds);
	if (Number.isNaN(date.getTime())) return String(milliseconds);
	return date.toISOString().replace('T00:00:00.000Z', '').replace('.000Z', 'Z');
}
