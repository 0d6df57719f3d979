/** A moment as a form's field of kind `datetime-local` has it: in the reader's zone, to the minute. */
export function localInput(iso: string): string {
	const at = new Date(iso);
	const two = (value: number): string => String(value).padStart(2, '0');
	return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** The moment (ISO 8601, UTC) that a field or an address names; none where it is none. Without a zone it is of the reader's. */
export function momentOf(text: string): string | undefined {
	const at = text ? new Date(text) : undefined;
	return at && !Number.isNaN(at.getTime()) ? at.toISOString() : undefined;
}
