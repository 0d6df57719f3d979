/** Where the server serves the console. */
export const BASE = '/console';

/** A place within the console: its path behind `/console`, and what follows "?". */
export interface Place {
	path: string;
	query: URLSearchParams;
}

/** Values of the `:name` parts of a pattern. */
export type Params = Readonly<Record<string, string>>;

/** A name as a part of an address. */
const part = (name: string): string => encodeURIComponent(name.toWellFormed());

function nameOf(segment: string): string {
	try {
		return decodeURIComponent(segment);
	} catch {
		// Somebody wrote a bare "%": it is one.
		return segment;
	}
}

/** A path with names in their places: `pathTo('/models/:model', { model: 'a/b' })`, and what follows "?" where it is not empty. */
export function pathTo(
	pattern: string,
	params: Readonly<Record<string, string | number>> = {},
	query: Readonly<Record<string, string | number | undefined>> = {},
): string {
	const names = new Map(Object.entries(params));
	const path = pattern.replace(/:(\w+)/g, (_, name: string) => part(String(names.get(name) ?? '')));
	const asked = new URLSearchParams();
	for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== '') asked.set(name, String(value));
	const text = asked.toString();
	return text ? `${path}?${text}` : path;
}

/** The values of a pattern's parts in a path; none where it does not fit. A slash at the end changes nothing. */
export function match(pattern: string, path: string): Params | undefined {
	const wanted = pattern.split('/').filter(Boolean);
	const given = path.split('/').filter(Boolean);
	if (wanted.length !== given.length) return undefined;
	const params: Array<[string, string]> = [];
	for (const [i, segment] of wanted.entries()) {
		if (segment.startsWith(':')) params.push([segment.slice(1), nameOf(given[i])]);
		else if (segment !== given[i]) return undefined;
	}
	return Object.fromEntries(params);
}

/** The place that a browser's address stands for; none where it is not the console's. */
export function placeOf({ pathname, search }: { pathname: string; search: string }): Place | undefined {
	if (pathname !== BASE && !pathname.startsWith(`${BASE}/`)) return undefined;
	return { path: pathname.slice(BASE.length) || '/', query: new URLSearchParams(search) };
}
