import { token } from '../../data/look.js';

/** Colours of charts, as the page looks now. Groups are told apart by lightness first. */
export interface Palette {
	ink: string;
	soft: string;
	line: string;
	paper: string;
	accent: string;
	pale: string;
	good: string;
	warn: string;
	bad: string;
	neutral: string;
	series: readonly string[];
	/** From little to much. */
	scale: readonly string[];
}

const all = (name: string, count: number): string[] => Array.from({ length: count }, (_, i) => token(`--${name}-${i + 1}`));

export const palette = (): Palette => ({
	ink: token('--ink'),
	soft: token('--soft'),
	line: token('--line'),
	paper: token('--paper'),
	accent: token('--accent'),
	pale: token('--pale'),
	good: token('--good'),
	warn: token('--warn'),
	bad: token('--bad'),
	neutral: token('--neutral'),
	series: all('series', 6),
	scale: all('scale', 5),
});
