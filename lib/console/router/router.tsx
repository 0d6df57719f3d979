import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { BASE, placeOf, type Place } from './place.js';

const here = (): Place => placeOf(location) ?? { path: '/', query: new URLSearchParams() };
let place = here();
const listeners = new Set<(place: Place) => void>();

function arrived(): void {
	place = here();
	for (const listener of listeners) listener(place);
}
addEventListener('popstate', arrived);

/** Goes to a path of the console (`/models/x?tab=lineage`). `replace`: the place before is not one to come back to. */
export function goTo(path: string, { replace = false }: { replace?: boolean } = {}): void {
	if (`${location.pathname}${location.search}` === `${BASE}${path}`) return;
	const samePage = location.pathname === `${BASE}${path.split('?')[0]}`;
	history[replace ? 'replaceState' : 'pushState'](null, '', `${BASE}${path}`);
	if (!samePage) scrollTo(0, 0);
	arrived();
}

/** Where the reader is; the component is drawn again when that changes. */
export function usePlace(): Place {
	const [now, setNow] = useState(place);
	useEffect(() => {
		listeners.add(setNow);
		setNow(place);
		return () => void listeners.delete(setNow);
	}, []);
	return now;
}

/**
 * A value that stands in the address behind "?", so that the view can be sent to somebody: filters, tabs, what is sorted by. Setting it to
 * its first value takes it out. It replaces the place: going back leads to the page before.
 */
export function useQuery(name: string, first = ''): [value: string, set: (value: string) => void] {
	const { query } = usePlace();
	const set = (value: string): void => {
		const next = new URLSearchParams(place.query);
		if (value === first) next.delete(name);
		else next.set(name, value);
		const text = next.toString();
		goTo(text ? `${place.path}?${text}` : place.path, { replace: true });
	};
	return [query.get(name) ?? first, set];
}

/** A link to a path of the console; with a modifier key or the middle button it opens as the browser likes. */
export function Link({
	to,
	class: look,
	children,
	current,
	label,
}: {
	to: string;
	class?: string;
	children: ComponentChildren;
	/** It leads to where the reader is. */
	current?: boolean;
	/** For screen readers, where the words alone do not say enough. */
	label?: string;
}) {
	const follow = (event: MouseEvent): void => {
		if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
		event.preventDefault();
		goTo(to);
	};
	return (
		<a href={`${BASE}${to}`} class={look} onClick={follow} aria-current={current ? 'page' : undefined} aria-label={label}>
			{children}
		</a>
	);
}
