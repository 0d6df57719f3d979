import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { api, ApiError } from './api.js';
import { pauseAfter } from './pause.js';

/** What a page knows of something it asked for. */
export interface Asked<T> {
	/** The newest answer; of another path never. */
	data?: T;
	/** Why the newest question got none; `data` may still hold the answer before. */
	error?: ApiError;
	/** Nothing is known yet. */
	loading: boolean;
	/** Asks again at once. */
	again(): void;
}

/**
 * Asks the API for `path` (`undefined`: nothing yet), and again every `ms` where they are given. A tab that nobody sees asks nothing;
 * when it is looked at again, it asks at once. After a failure it waits longer, and what was known stays.
 */
export function useLive<T>(path: string | undefined, ms?: number): Asked<T> {
	const [known, setKnown] = useState<{ path?: string; data?: T; error?: ApiError }>({});
	const asking = useRef<() => void>(() => {});
	useEffect(() => {
		if (path === undefined) return;
		const stop = new AbortController();
		let timer: ReturnType<typeof setTimeout> | undefined;
		let failures = 0;
		let running = false;
		/** Something happened since the question that is on its way: its answer may be from before. */
		let onceMore = false;
		const plan = (): void => {
			clearTimeout(timer);
			const every = ms ?? (failures ? 5_000 : undefined);
			if (every !== undefined && !stop.signal.aborted && !document.hidden) timer = setTimeout(ask, pauseAfter(every, failures));
		};
		async function ask(): Promise<void> {
			if (running) {
				onceMore = true;
				return;
			}
			running = true;
			try {
				const data = await api.get<T>(path!, stop.signal);
				failures = 0;
				setKnown({ path, data });
			} catch (thrown) {
				if (stop.signal.aborted) return;
				const error = thrown instanceof ApiError ? thrown : new ApiError(String(thrown), 0, 'console.failed');
				// What is refused is refused the next time, too; what is away may come back.
				failures = error.status === 0 || error.status >= 500 || error.status === 429 ? failures + 1 : 0;
				setKnown((before) => ({ path, error, ...(before.path === path ? { data: before.data } : {}) }));
			} finally {
				running = false;
				if (onceMore && !stop.signal.aborted) {
					onceMore = false;
					void ask();
				} else plan();
			}
		}
		const seen = (): void => {
			if (document.hidden) clearTimeout(timer);
			else if (ms !== undefined) void ask();
		};
		asking.current = () => void ask();
		document.addEventListener('visibilitychange', seen);
		void ask();
		return () => {
			stop.abort();
			clearTimeout(timer);
			document.removeEventListener('visibilitychange', seen);
		};
	}, [path, ms]);
	const again = useCallback(() => asking.current(), []);
	const current = known.path === path ? known : {};
	return { data: current.data, error: current.error, loading: current.data === undefined && current.error === undefined, again };
}

interface PageOf<E> {
	entries: E[];
	next?: string;
	total?: number;
}

/** A list of which the server gives a page at a time. */
export interface Listed<E> {
	entries?: E[];
	error?: ApiError;
	loading: boolean;
	/** There is more, and this asks for it. */
	more?: () => void;
	loadingMore: boolean;
	total?: number;
	again(): void;
}

/** What a `Table` shows of a list: its entries, and how there are more. */
export const pagesOf = <E>({ entries = [], more, loadingMore, total }: Listed<E>) => ({
	entries,
	loadingMore,
	...(more ? { more } : {}),
	...(total === undefined ? {} : { total }),
});

/** A list behind `path` (filters behind its "?"): its first page, renewed every `ms`, and what `more` has added below it. */
export function usePaged<E>(path: string | undefined, ms?: number): Listed<E> {
	const first = useLive<PageOf<E>>(path, ms);
	const [added, setAdded] = useState<{ path?: string; entries: E[]; next?: string; error?: ApiError }>({ entries: [] });
	const [loadingMore, setLoadingMore] = useState(false);
	const own = added.path === path ? added : { entries: [] as E[] };
	const next = own.entries.length ? own.next : first.data?.next;
	const more =
		next === undefined || path === undefined
			? undefined
			: async (): Promise<void> => {
					setLoadingMore(true);
					try {
						const page = await api.get<PageOf<E>>(`${path}${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(next)}`);
						setAdded({ path, entries: [...own.entries, ...page.entries], next: page.next });
					} catch (error) {
						setAdded({ ...own, path, next, error: error as ApiError });
					} finally {
						setLoadingMore(false);
					}
				};
	return {
		entries: first.data && [...first.data.entries, ...own.entries],
		error: ('error' in own ? own.error : undefined) ?? first.error,
		loading: first.loading,
		loadingMore,
		...(more ? { more: () => void more() } : {}),
		total: first.data?.total,
		again: () => {
			setAdded({ entries: [] });
			first.again();
		},
	};
}
