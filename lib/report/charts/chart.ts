import type { COLOR } from '../theme.js';

/** A colour by its part in the theme. */
export type Color = keyof typeof COLOR;

/** Where something lies: in the figures of a number axis; on an axis of names or bins, the place counted from 0. */
export type Point = readonly [x: number, y: number];

/** Figures. Starts at zero unless it is `free`, and ends where the data do, unless `from` and `to` say otherwise. */
export interface NumberAxis {
	kind: 'number';
	title: string;
	/** `share`: 0.7 is written 70 %. `times`: a multiple, 2×. */
	unit?: 'share' | 'times';
	from?: number;
	to?: number;
	free?: boolean;
	/** Whether thin lines lead from its figures across the drawing; they do unless this is false. */
	lines?: boolean;
	/** Figures beyond are drawn as if they were this one, which is written with a plus. */
	most?: number;
	/** Figures lie so many times further than they are written; `draw.ts` sets it where they are too small to be drawn. */
	per?: number;
}

/** Names, the first one on top or on the left. Long ones lose their middle. */
export interface NameAxis {
	kind: 'names';
	names: readonly string[];
	title?: string;
	/** The most letters of a name that are shown; 22 where nothing is said. */
	letters?: number;
	/** Names below a drawing that are too long to lie side by side. */
	slanted?: boolean;
	/** Height of a name's row in pixels; 26 where nothing is said. */
	row?: number;
}

/** Ranges of a number, or of a time, side by side. */
export interface BinAxis {
	kind: 'bins';
	title: string;
	/** One more than there are bins. */
	edges: readonly number[];
	/** Edges are UTC milliseconds. */
	dates?: boolean;
}

/** Places without figures or names. */
export interface BareAxis {
	kind: 'bare';
	from: number;
	to: number;
}

export type Axis = NumberAxis | NameAxis | BinAxis | BareAxis;

/** What explains a point, bar or cell when the mouse is near; in their order. */
type Tips = ReadonlyArray<string | null>;

/** A line through points. Lines without a colour are told apart by the renderer. */
export interface LineMark {
	mark: 'line';
	/** Shown in the legend. */
	name?: string;
	points: readonly Point[];
	color?: Color;
	width?: number;
	/** The area below is shaded. */
	filled?: boolean;
	/** Sizes of dots on the points, 0 to 1. */
	dots?: readonly number[];
	/** One place on the line, with a word. `end`: so far on the right that the word has to lie on its left. */
	note?: { at: Point; text: string; place: 'right' | 'above' | 'below'; end?: boolean };
	tips?: Tips;
}

/** A dashed line from one point to another: what guessing gives, or the figure of the whole. */
export interface GuideMark {
	mark: 'guide';
	from: Point;
	to: Point;
}

/** A dashed line across the whole drawing at one figure of an axis. `behind`: bars and dots lie on it. */
export interface LimitMark {
	mark: 'limit';
	x?: number;
	y?: number;
	behind?: boolean;
}

/** Bars from the axis of names or bins, one for each, or a group of one from each series. */
export interface BarsMark {
	mark: 'bars';
	series: ReadonlyArray<{ name?: string; values: readonly number[]; color: Color | readonly Color[] }>;
	/** Beside the bars; give the chart room for them (`right`). */
	labels?: readonly string[];
	/** Labels are what the chart is about. */
	strong?: boolean;
	/** Shows the whole that a bar is a share of. */
	track?: boolean;
	tips?: Tips;
}

export interface DotsMark {
	mark: 'dots';
	points: readonly Point[];
	/** Diameter in pixels. */
	size: number;
	/** Many dots that lie on each other. */
	faint?: boolean;
	tips?: Tips;
}

/** Lines from `low` to `high`, one for each name, with a word at their end. */
export interface IntervalsMark {
	mark: 'intervals';
	rows: ReadonlyArray<{ low: number; high: number; label?: string }>;
}

/** A table of shades, `values[row][column]`: `share` from 0 to 1, `signed` from -1 to 1. */
export interface CellsMark {
	mark: 'cells';
	scale: 'share' | 'signed';
	values: ReadonlyArray<readonly number[]>;
	texts?: ReadonlyArray<readonly string[]>;
	tips?: readonly Tips[];
}

/** Boxes of text, each joined to another by an edge: a tree. The last line of a box is small. */
export interface BoxesMark {
	mark: 'boxes';
	boxes: ReadonlyArray<{
		at: Point;
		lines: readonly string[];
		/** `open`: more would follow. */
		look: { tinted: boolean; open: boolean };
		/** From where it is reached, with a word above or below the end of the edge; `weight` (0 to 1) makes it thicker. */
		edge?: { from: Point; text: string; above: boolean; weight: number };
		tip?: string;
	}>;
}

export type Mark = LineMark | GuideMark | LimitMark | BarsMark | DotsMark | IntervalsMark | CellsMark | BoxesMark;

/**
 * A chart as plain data: what is seen, in words, what goes where, and in which units. `draw.ts` draws every one of them, for pages as for
 * pictures. Marks that come later lie on top.
 */
export interface Chart {
	/** File name without extension, for example `roc`. */
	name: string;
	/** What is seen, as a sentence. */
	title: string;
	/** How to read it, smaller. */
	subtitle?: string;
	x: Axis;
	y: Axis;
	marks: readonly Mark[];
	/** Height of the drawing itself in pixels; an axis of names has it from its rows. */
	height?: number;
	/** Room for labels on the right, in pixels. */
	right?: number;
}
