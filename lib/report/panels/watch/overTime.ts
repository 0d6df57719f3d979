import type { Finding } from '../../../domain/monitor.js';
import type { WatchedOver, WatchedWindow } from '../../../domain/watched.js';
import type { Chart, LineMark, Mark, Point } from '../../charts/chart.js';
import { date, percent } from '../../formatting.js';
import { metricValue, metricWords } from '../../reportWords.js';
import { definePanel } from '../panel.js';

/** Charts of the figures that decide; the others are in the table. */
const MOST_CHARTS = 6;

interface Track {
	about: string;
	windows: WatchedWindow[];
	/** The finding of each window; undefined where it has none. */
	found: Array<Finding | undefined>;
}

/** How the figures that decide went, window by window, with their intervals and what was to be expected. */
export const overTime = definePanel<WatchedOver, Track[]>({
	id: 'watch_over_time',
	data({ windows }) {
		const names = new Set(windows.flatMap(({ findings }) => findings.filter(isMain).map(({ about }) => about)));
		const tracks = [...names].map((about): Track => {
			const found = windows.map(({ findings }) => findings.find((f) => f.about === about && f.segment === undefined));
			return { about, windows, found };
		});
		const drawn = tracks.filter(({ found }) => found.filter((f) => typeof f?.value === 'number').length > 1);
		return drawn.length ? drawn.sort(byWeight).slice(0, MOST_CHARTS) : undefined;
	},
	draw: (tracks) => ({ title: 'How it went', hint: 'Times are UTC.', charts: tracks.map(chartOf) }),
});

const isMain = ({ segment, value }: Finding): boolean => segment === undefined && value !== null;
const weightOf = ({ found }: Track): number => Math.max(...found.map((f) => (f?.why === undefined ? 0 : 2) + (f?.weight ?? 0)));
const byWeight = (a: Track, b: Track): number => weightOf(b) - weightOf(a);

function chartOf({ about, windows, found }: Track): Chart {
	const { label } = metricWords(about);
	const share = found.some((f) => f?.unit === 'share');
	const write = (value: number): string => (share ? percent(value, 1) : metricValue(about, value));
	const tips = found.map((f, i) =>
		typeof f?.value === 'number' ? `${date(windows[i].from, true)}: ${write(f.value)}${rangeOf(f, write)}` : null,
	);
	const lines = (of: (f: Finding) => number | null | undefined, look: Partial<LineMark>): Mark[] =>
		runs(found.map((f) => (f ? of(f) : undefined))).map(
			(points, i): LineMark => ({ mark: 'line', points, ...(i === 0 ? look : { ...look, name: undefined }) }),
		);
	return {
		name: `over_time_${about}`,
		title: `${label} over time`,
		subtitle: 'Between the thin lines it lies with 95 % certainty; grey is what was to be expected.',
		x: {
			kind: 'bins',
			title: 'window',
			edges: [...windows.map(({ from }) => Date.parse(from)), Date.parse(windows[windows.length - 1].until)],
			dates: true,
		},
		y: { kind: 'number', title: label, free: true, ...(share ? { unit: 'share' as const } : {}) },
		height: 260,
		marks: [
			...lines((f) => f.reference, { name: 'to be expected', color: 'muted', width: 1.5 }),
			...lines((f) => f.interval?.[0], { name: 'at least', color: 'accentSoft', width: 1 }),
			...lines((f) => f.interval?.[1], { name: 'at most', color: 'accentSoft', width: 1 }),
			...lines((f) => f.value, { name: label, color: 'accent', width: 2.5 }),
			{
				mark: 'dots',
				size: 6,
				points: found.flatMap((f, i): Point[] => (typeof f?.value === 'number' ? [[i, f.value]] : [])),
				tips: tips.filter((tip) => tip !== null),
			},
		],
	};
}

const rangeOf = ({ interval }: Finding, write: (value: number) => string): string =>
	interval ? ` (${write(interval[0])} to ${write(interval[1])})` : '';

/** Stretches without gaps, as points at the places of their windows. */
function runs(values: ReadonlyArray<number | null | undefined>): Point[][] {
	const out: Point[][] = [];
	let open: Point[] = [];
	values.forEach((value, i) => {
		if (typeof value === 'number') open.push([i, value]);
		else {
			if (open.length) out.push(open);
			open = [];
		}
	});
	if (open.length) out.push(open);
	return out;
}
