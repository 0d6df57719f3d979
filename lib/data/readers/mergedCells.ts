import { partsLike } from './zipParts.js';

/** A merged cell: rows and columns that it covers, from 1, both ends among them. */
export interface Merged {
	top: number;
	left: number;
	bottom: number;
	right: number;
}

const SHEET = /^xl\/worksheets\/sheet(\d+)\.xml$/;
const BEGIN = '<mergeCell ';
/** A merged cell is told in fewer characters. */
const LONGEST = 200;
const RANGE = /ref="([A-Z]{1,3})(\d+):([A-Z]{1,3})(\d+)"/;

const columnOf = (letters: string): number => [...letters].reduce((n, letter) => n * 26 + letter.charCodeAt(0) - 64, 0);

/**
 * The merged cells of a workbook's sheets, by the numbers in the names of their parts. A sheet tells them behind all of its rows, so they
 * are read before, for whoever takes the rows as they come.
 */
export async function mergedCells(path: string): Promise<ReadonlyMap<string, Merged[]>> {
	const found = new Map<string, Merged[]>();
	for await (const { name, chunks } of partsLike(path, SHEET)) {
		const merged: Merged[] = [];
		let rest = '';
		for await (const chunk of chunks) {
			const text = rest + chunk.toString('latin1');
			let at = text.indexOf(BEGIN);
			for (; at >= 0 && at + LONGEST <= text.length; at = text.indexOf(BEGIN, at + 1)) add(merged, text.substr(at, LONGEST));
			rest = at >= 0 ? text.slice(at) : text.slice(-BEGIN.length);
		}
		for (let at = rest.indexOf(BEGIN); at >= 0; at = rest.indexOf(BEGIN, at + 1)) add(merged, rest.substr(at, LONGEST));
		if (merged.length) found.set(SHEET.exec(name)![1], merged);
	}
	return found;
}

function add(merged: Merged[], text: string): void {
	const [, left, top, right, bottom] = RANGE.exec(text.slice(0, text.indexOf('>') + 1)) ?? [];
	if (bottom) merged.push({ top: +top, left: columnOf(left), bottom: +bottom, right: columnOf(right) });
}

/** Takes away what lies under merged cells, row after row. */
export function underMerged(merged: readonly Merged[]): (number: number, values: unknown[]) => number {
	const coming = [...merged].sort((a, b) => b.top - a.top);
	let open: Array<Merged & { full: boolean }> = [];
	/** @returns cells of the row that lie under a merged one with a value that begins in a row above */
	return (number, values) => {
		open = open.filter(({ bottom }) => bottom >= number);
		while (coming.length && coming[coming.length - 1].top <= number) {
			const next = coming.pop()!;
			const value = next.top === number ? values[next.left] : undefined;
			if (next.bottom >= number) open.push({ ...next, full: value !== undefined && value !== null });
		}
		let covered = 0;
		for (const { top, left, right, full } of open) {
			for (let column = left, last = Math.min(right, values.length - 1); column <= last; column++)
				if (top < number || column > left) delete values[column];
			if (top < number && full) covered += right - left + 1;
		}
		return covered;
	};
}
