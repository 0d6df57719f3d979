import { BarChart, BoxplotChart, HeatmapChart, LineChart, ScatterChart } from 'echarts/charts';
import {
	DataZoomComponent,
	GridComponent,
	LegendComponent,
	MarkAreaComponent,
	MarkLineComponent,
	TooltipComponent,
	VisualMapComponent,
} from 'echarts/components';
import { init, use, type ComposeOption } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';
import type { BarSeriesOption, BoxplotSeriesOption, HeatmapSeriesOption, LineSeriesOption, ScatterSeriesOption } from 'echarts/charts';
import type {
	DataZoomComponentOption,
	GridComponentOption,
	LegendComponentOption,
	TooltipComponentOption,
	VisualMapComponentOption,
} from 'echarts/components';

// The parts that the console's charts use, in a chunk that comes with the first of them.
use([
	BarChart,
	BoxplotChart,
	HeatmapChart,
	LineChart,
	ScatterChart,
	DataZoomComponent,
	GridComponent,
	LegendComponent,
	MarkAreaComponent,
	MarkLineComponent,
	TooltipComponent,
	VisualMapComponent,
	CanvasRenderer,
]);

export type Option = ComposeOption<
	| BarSeriesOption
	| BoxplotSeriesOption
	| HeatmapSeriesOption
	| LineSeriesOption
	| ScatterSeriesOption
	| DataZoomComponentOption
	| GridComponentOption
	| LegendComponentOption
	| TooltipComponentOption
	| VisualMapComponentOption
>;

export interface Drawing {
	/** Shows something else; what is the same moves to its new place. */
	show(option: Option): void;
	resize(): void;
	end(): void;
}

/** A chart in `box`. Tips are drawn, not HTML: nothing that a name holds is ever read as markup. */
export function draw(box: HTMLElement, onPick: (index: number, series: string) => void): Drawing {
	const chart = init(box, null, { renderer: 'canvas' });
	const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
	chart.on('click', ({ dataIndex, seriesName }) => onPick(dataIndex, seriesName ?? ''));
	return {
		show: (option) =>
			chart.setOption(
				{
					animation: !still,
					animationDuration: 300,
					...option,
					...(option.tooltip ? { tooltip: { ...(option.tooltip as TooltipComponentOption), renderMode: 'richText' } } : {}),
				},
				{ notMerge: true },
			),
		resize: () => chart.resize(),
		end: () => chart.dispose(),
	};
}
