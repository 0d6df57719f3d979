import { PART, type SplitParams } from '../domain/split.js';

/** Classes whose share of a part is more rows than this get it by the law of large numbers. */
const RARE = 20;

/**
 * Gives each rare class its share of test and validation rows, at least one of each: the rows whose keys come next move over, with all that
 * stays on one side with them. Keys do not change when rows are added, so that hardly any row moves then. A class that has no training row
 * left gets back those with the greatest keys.
 */
export function shareClasses(
	parts: Uint8Array,
	key: Float64Array,
	units: Uint32Array | undefined,
	target: Float64Array,
	{ testShare, validationShare }: SplitParams,
): void {
	const members = membersOf(units);
	const classes = new Map<number, number[]>();
	for (let i = 0, end = parts.length; i < end; i++) {
		if (Number.isNaN(target[i])) continue;
		const rows = classes.get(target[i]);
		if (rows) rows.push(i);
		else classes.set(target[i], [i]);
	}
	for (const [, rows] of [...classes].sort((a, b) => a[0] - b[0])) {
		const n = rows.length;
		const count = (part: number): number => rows.reduce((sum, i) => sum + Number(parts[i] === part), 0);
		const test = testShare > 0 && n >= 2 && testShare * n <= RARE ? Math.ceil(testShare * n - 1e-9) : 0;
		const rest = (1 - testShare) * validationShare * n;
		const validation = validationShare > 0 && n >= 3 && rest <= RARE ? Math.ceil(rest - 1e-9) : 0;
		if (!test && !validation && count(PART.train) > 0) continue;
		rows.sort((a, b) => key[a] - key[b] || a - b);
		/** Moves rows until a part has what it wants; another part keeps at least so many. */
		const move = (to: number, wanted: number, from: number, keep: number, order: readonly number[] = rows): void => {
			for (const i of order) {
				if (count(to) >= wanted) return;
				if (parts[i] !== from) continue;
				const together = members(i).filter((m) => target[m] === target[i]).length;
				if (count(from) - together >= keep) for (const m of members(i)) parts[m] = to;
			}
		};
		const back = [...rows].reverse();
		move(PART.test, test, PART.validation, 0);
		move(PART.test, test, PART.train, 1);
		move(PART.validation, validation, PART.train, 1);
		move(PART.validation, Math.min(1, validation), PART.test, test, back);
		if (n >= 2 && count(PART.train) === 0) {
			move(PART.train, 1, PART.validation, n > 2 ? Math.min(1, validation) : 0, back);
			move(PART.train, 1, PART.test, Math.min(1, test), back);
			move(PART.train, 1, PART.validation, 0, back);
		}
	}
}

/**
 * Of few groups chance may give the test none, or all of them: it gets the one with the least key then, and training the one with the
 * greatest. Keys do not change when rows are added. `tested`: whether the test has to have rows.
 */
export function shareGroups(parts: Uint8Array, key: Float64Array, tested: boolean): void {
	let [least, greatest] = [Infinity, -Infinity];
	for (let i = 0, n = key.length; i < n; i++) {
		if (key[i] < least) least = key[i];
		if (key[i] > greatest) greatest = key[i];
	}
	if (!(least < greatest)) return;
	const give = (part: number, group: number): void => {
		if (!parts.includes(part)) for (let i = 0, n = key.length; i < n; i++) if (key[i] === group) parts[i] = part;
	};
	if (tested) give(PART.test, least);
	give(PART.train, greatest);
}

/** The rows that stay on one side with a row. */
function membersOf(units: Uint32Array | undefined): (row: number) => readonly number[] {
	if (!units) return (row) => [row];
	const groups = new Map<number, number[]>();
	for (let i = 0, n = units.length; i < n; i++)
		if (units[i] !== i) (groups.get(units[i]) ?? groups.set(units[i], [units[i]]).get(units[i])!).push(i);
	return (row) => groups.get(units[row]) ?? [row];
}
