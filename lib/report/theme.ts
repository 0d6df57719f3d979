/**
 * One look for charts, reports and pages: calm, light, one accent family. Red, amber and green are kept for verdicts,
 * always beside a word, so that nobody has to tell colours apart.
 */
export const COLOR = {
	ink: '#1d2433',
	soft: '#475067',
	muted: '#6b7488',
	line: '#e3e7f0',
	faint: '#f5f7fb',
	paper: '#ffffff',
	accent: '#4257c9',
	accentDark: '#28367f',
	accentMid: '#8496e8',
	accentSoft: '#c3ccf6',
	accentPale: '#e8ecfd',
	neutral: '#aab2c5',
	good: '#1a7f55',
	goodPale: '#e3f5ec',
	bad: '#b3322b',
	badPale: '#fdebe9',
	warn: '#96610b',
	warnPale: '#fdf3dc',
} as const;

/** Steps from paper to the darkest accent, for heat maps. */
export const ACCENT_SCALE = ['#f7f8fe', '#dfe4fb', '#b9c4f4', '#8496e8', '#5b6fd6', '#4257c9', '#28367f'] as const;

/** The same for what lies on both sides of nothing: grey for less, accent for more. */
export const SIGNED_SCALE = ['#5f6b85', '#c9cfdb', '#f7f8fe', '#b9c4f4', '#4257c9'] as const;

/** For a few lines or groups side by side: told apart by lightness first. */
export const SERIES = ['#4257c9', '#8a93a8', '#28367f', '#9aaaf0', '#5f6b85', '#c3ccf6'] as const;

/** `Inter` is shipped (fonts/) for PNG; browsers without it take their own. */
export const FONT = "Inter, system-ui, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";
