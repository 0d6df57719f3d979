import type { IDataObject, INodeExecutionData } from 'n8n-workflow';
import { valueJson } from '../../lib/domain/json.js';
import { cutText } from '../../lib/domain/text.js';

/** What an AI agent gets of one call, in bytes of JSON: more would crowd out the conversation. */
export const TOOL_BYTES = 4096;
/** An item below this says nothing any more. */
const LEAST_BYTES = 400;

/** Entries of a list, keys of an inner object, characters of a text: from generous to bare. */
const CUTS = [
	[50, 60, 500],
	[20, 30, 300],
	[10, 20, 200],
	[5, 12, 120],
	[3, 8, 80],
	[2, 4, 60],
	[1, 2, 40],
] as const;

/** What JSON cannot hold is as large as can be, so that it is cut. */
const bytesOf = (value: unknown): number => {
	const text = valueJson(value);
	return text === undefined ? Number.MAX_SAFE_INTEGER : Buffer.byteLength(text);
};

/** Items for an agent: no binary, together at most `TOOL_BYTES`; what does not fit is counted. */
export function itemsForTool(items: readonly INodeExecutionData[]): INodeExecutionData[] {
	const most = Math.min(items.length, Math.floor(TOOL_BYTES / LEAST_BYTES));
	const budget = Math.floor(TOOL_BYTES / Math.max(1, most));
	return items.slice(0, most).map(({ json, pairedItem }, i) => {
		const left = i + 1 === most && items.length > most ? { itemsLeftOut: items.length - most } : {};
		return { json: shortened({ ...json, ...left }, budget), pairedItem };
	});
}

/**
 * The object itself when its JSON fits into `bytes`; else with its lists, inner objects and texts cut until it does, which `shortened`
 * says. Plain values stay the longest.
 */
export function shortened(json: IDataObject, bytes: number): IDataObject {
	if (bytesOf(json) <= bytes) return json;
	const told = { shortened: `Cut to ${bytes} bytes of ${bytesOf(json)}: ask for less at once.` };
	for (const [entries, keys, characters] of CUTS) {
		const cut = {
			...Object.fromEntries(Object.entries(json).map(([key, value]) => [key, cutValue(value, entries, keys, characters)])),
			...told,
		} as IDataObject;
		if (bytesOf(cut) <= bytes) return cut;
	}
	// Too many fields of its own: as many as fit, plain ones first.
	const kept: IDataObject = { ...told };
	let used = bytesOf(kept);
	for (const [key, value] of plainFirst(json)) {
		const field = { [key]: cutValue(value, 1, 2, 40) } as IDataObject;
		const size = bytesOf(field) - 1; // its braces go, a comma comes
		if (used + size > bytes) continue;
		Object.assign(kept, field);
		used += size;
	}
	return kept;
}

const isPlain = (value: unknown): boolean => typeof value !== 'object' || value === null;

/** Entries with plain values before the others, else in their order. */
function plainFirst(object: object): Array<[string, unknown]> {
	const all = Object.entries(object) as Array<[string, unknown]>;
	return [...all.filter(([, v]) => isPlain(v)), ...all.filter(([, v]) => !isPlain(v))];
}

/** Levels of lists and objects that are shown at all. */
const DEEPEST = 12;

function cutValue(value: unknown, entries: number, keys: number, characters: number, depth = 0): unknown {
	if (typeof value === 'string') return value.length > characters ? `${cutText(value, characters)}...` : value;
	if (typeof value === 'bigint') return String(value);
	if (isPlain(value)) return value;
	if (depth >= DEEPEST) return '...';
	const inner = (v: unknown) => cutValue(v, entries, keys, characters, depth + 1);
	if (Array.isArray(value))
		return value.length > entries ? [...value.slice(0, entries).map(inner), `... and ${value.length - entries} more`] : value.map(inner);
	const all = Object.entries(value as object);
	if (all.length <= keys) return Object.fromEntries(all.map(([k, v]) => [k, inner(v)]));
	return {
		...Object.fromEntries(
			plainFirst(value as object)
				.slice(0, keys)
				.map(([k, v]) => [k, inner(v)]),
		),
		'...': `${all.length - keys} more`,
	};
}
