const last = new Map<string, Promise<unknown>>();

/** Runs work on the same thing one after the other within this process: workflows that deploy one model at once shall not register it twice. */
export async function inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
	const turn = (last.get(key) ?? Promise.resolve()).catch(() => {}).then(work);
	last.set(key, turn);
	try {
		return await turn;
	} finally {
		if (last.get(key) === turn) last.delete(key);
	}
}
