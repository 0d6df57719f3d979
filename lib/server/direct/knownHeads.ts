/** So many are remembered. */
const MOST = 1_024;
/** Longer heads are read each time. */
const LONGEST = 2_048;
/** So many heads are remembered ahead of one that comes again, */
const CREDIT = 64;
/** and where none does, one of so many. */
const TRIED = 256;

/**
 * Heads that were read already, with what they say: many callers send the same one over and over, but for the length. Where each request
 * has an id or a trace of its own, none comes again: if all of them were remembered, the garbage collector would have to move each before
 * it is thrown away, in pauses of some milliseconds.
 */
export function createKnownHeads<T>() {
	const known = new Map<string, T>();
	let credit = CREDIT;
	let missed = 0;
	return {
		get(text: string): T | undefined {
			const read = known.get(text);
			if (read !== undefined && credit < CREDIT) credit++;
			return read;
		},
		/** Offers what a head says that was not known. */
		add(text: string, read: T): void {
			missed++;
			if (credit > 0) credit--;
			else if (missed % TRIED !== 0) return;
			if (text.length > LONGEST) return;
			if (known.size >= MOST) known.delete(known.keys().next().value!);
			known.set(text, read);
		},
		get size(): number {
			return known.size;
		},
	};
}
