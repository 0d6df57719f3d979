import type { Axis, Chart, Mark, NumberAxis, Point } from './chart.js';

/** ECharts rounds to 20 places, so axes of smaller figures have none. */
const SMALL = 1e-12;

/** The same chart, with axes of very small figures drawn in a larger unit; what is written stays. */
export function inLargerUnits(chart: Chart): Chart {
	const [x, y] = [unitOf(chart, 'x'), unitOf(chart, 'y')];
	if (x === 1 && y === 1) return chart;
	const point = ([px, py]: Point): Point => [times(px, x), times(py, y)];
	// Bars and intervals reach along the axis of numbers.
	const reach = numbersAlong(chart) === 'x' ? x : y;
	return { ...chart, x: enlarged(chart.x, x), y: enlarged(chart.y, y), marks: chart.marks.map((mark) => moved(mark, point, reach)) };
}

/** Rounded, since what multiplying leaves behind would lengthen an axis by a whole step. */
const times = (v: number, by: number): number => (by === 1 ? v : Number((v * by).toPrecision(12)));

const numbersAlong = ({ x, y }: Chart): 'x' | 'y' => (x.kind === 'number' && y.kind !== 'number' ? 'x' : 'y');

function unitOf(chart: Chart, place: 'x' | 'y'): number {
	const axis = chart[place];
	if (axis.kind !== 'number' || axis.unit !== undefined) return 1;
	const at = place === 'x' ? 0 : 1;
	let largest = Math.max(Math.abs(axis.from ?? 0), Math.abs(axis.to ?? 0));
	const see = (p: Point): Point => {
		largest = Math.max(largest, Math.abs(p[at]));
		return p;
	};
	for (const mark of chart.marks) {
		moved(mark, see, 1);
		if (numbersAlong(chart) !== place) continue;
		if (mark.mark === 'bars') for (const { values } of mark.series) for (const v of values) largest = Math.max(largest, Math.abs(v));
		if (mark.mark === 'intervals') for (const { low, high } of mark.rows) largest = Math.max(largest, Math.abs(low), Math.abs(high));
	}
	return largest > 0 && largest < SMALL ? 10 ** Math.min(308, -Math.floor(Math.log10(largest))) : 1;
}

function enlarged(axis: Axis, by: number): Axis {
	if (by === 1 || axis.kind !== 'number') return axis;
	const { from, to } = axis;
	const ends = { ...(from === undefined ? {} : { from: times(from, by) }), ...(to === undefined ? {} : { to: times(to, by) }) };
	return { ...axis, ...ends, per: by } satisfies NumberAxis;
}

function moved(mark: Mark, point: (p: Point) => Point, reach: number): Mark {
	switch (mark.mark) {
		case 'line':
			return { ...mark, points: mark.points.map(point), ...(mark.note ? { note: { ...mark.note, at: point(mark.note.at) } } : {}) };
		case 'dots':
			return { ...mark, points: mark.points.map(point) };
		case 'guide':
			return { ...mark, from: point(mark.from), to: point(mark.to) };
		case 'limit': {
			const [x, y] = point([mark.x ?? 0, mark.y ?? 0]);
			return { ...mark, ...(mark.x === undefined ? {} : { x }), ...(mark.y === undefined ? {} : { y }) };
		}
		case 'bars':
			return { ...mark, series: mark.series.map((s) => ({ ...s, values: s.values.map((v) => times(v, reach)) })) };
		case 'intervals':
			return { ...mark, rows: mark.rows.map((r) => ({ ...r, low: times(r.low, reach), high: times(r.high, reach) })) };
		default:
			return mark;
	}
}
