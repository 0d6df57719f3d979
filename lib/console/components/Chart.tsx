import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { onLook } from '../data/look.js';
import type { Drawing, Option } from './charts/echarts.js';
import { palette, type Palette } from './charts/palette.js';

export type { Option } from './charts/echarts.js';

/** The figures behind a chart, for those who cannot see it or want them exactly. */
export interface ChartTable {
	head: readonly string[];
	rows: ReadonlyArray<ReadonlyArray<string | number>>;
}

/**
 * A chart of ECharts, which comes when the first one is shown. `option` says what is drawn, in the colours it is given (`lines` and others
 * in charts/chartOptions.ts make common ones). `label` says in a sentence what can be seen; `table` has the figures.
 */
export function Chart({
	label,
	option,
	table,
	height = 260,
	onPick,
	children,
}: {
	label: string;
	option: (colours: Palette) => Option;
	table?: () => ChartTable;
	height?: number;
	/** Called with the data index and the series of what is pressed. */
	onPick?: (index: number, series: string) => void;
	children?: ComponentChildren;
}) {
	const box = useRef<HTMLDivElement>(null);
	const drawing = useRef<Drawing | undefined>(undefined);
	const [failed, setFailed] = useState(false);
	const newest = useRef({ option, onPick });
	newest.current = { option, onPick };
	useEffect(() => {
		let gone = false;
		const ends: Array<() => void> = [];
		import('./charts/echarts.js').then(
			({ draw }) => {
				if (gone || !box.current) return;
				const made = draw(box.current, (index, series) => newest.current.onPick?.(index, series));
				drawing.current = made;
				const show = (): void => made.show(newest.current.option(palette()));
				show();
				const size = new ResizeObserver(() => made.resize());
				size.observe(box.current);
				ends.push(
					onLook(show),
					() => size.disconnect(),
					() => made.end(),
				);
			},
			() => setFailed(true),
		);
		return () => {
			gone = true;
			for (const end of ends) end();
			drawing.current = undefined;
		};
	}, []);
	useEffect(() => drawing.current?.show(option(palette())), [option]);
	const figures = table?.();
	return (
		<figure class="chart">
			{failed ? (
				<p class="soft">The charts could not be loaded. Load the page again; the figures are below.</p>
			) : (
				<div ref={box} class="chart-box" role="img" aria-label={label} style={{ height: `${height}px` }} />
			)}
			{children && <figcaption class="soft">{children}</figcaption>}
			{figures && <Figures figures={figures} label={label} />}
		</figure>
	);
}

const Figures = ({ figures: { head, rows }, label }: { figures: ChartTable; label: string }) => (
	<details class="chart-figures">
		<summary>Show the figures</summary>
		<div class="table-scroll" role="group" aria-label={`Figures: ${label}`} tabIndex={0}>
			<table>
				<thead>
					<tr>
						{head.map((name) => (
							<th key={name} scope="col">
								{name}
							</th>
						))}
					</tr>
				</thead>
				<tbody>
					{rows.map((row, i) => (
						<tr key={i}>
							{row.map((value, j) => (
								<td key={j}>{value}</td>
							))}
						</tr>
					))}
				</tbody>
			</table>
		</div>
	</details>
);
