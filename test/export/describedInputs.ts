type DescribedColumn = { source: string } & (
	| { holds: 'number'; fill: number | null; mean: number; std: number }
	| { holds: 'category'; levels: string[] }
	| { holds: 'pair'; sources: [string, string]; levels: Array<[string | null, string | null]> }
	| { holds: 'flag'; when: string; mean: number; std: number }
);

/** What goes along with an ONNX file. */
export interface Description {
	task: string;
	classes: string[];
	threshold: { value: number };
	steps: { list: unknown[] };
	input: { shape: unknown[]; columns: DescribedColumn[] };
	output: { columns: string[] };
}

/** What someone else would write who has only the description. */
export function encodeBy({ input }: Description, row: Record<string, string | number | null>): number[] {
	return input.columns.map((c) => {
		if (c.holds === 'pair') return c.levels.findIndex((pair) => pair.every((value, k) => value === row[c.sources[k]])) + 2 || 1;
		const value = row[c.source];
		if (c.holds === 'number') return ((value === null ? (c.fill ?? NaN) : Number(value)) - c.mean) / c.std;
		if (c.holds === 'category') return value === null ? 0 : c.levels.indexOf(String(value)) + 2 || 1;
		const flag = c.when === `${c.source} is missing` ? value === null : c.when === `${c.source} is ${JSON.stringify(value)}`;
		return (Number(flag) - c.mean) / c.std;
	});
}
