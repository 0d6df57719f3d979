import { existsSync } from 'node:fs';

const CANDIDATES = [
	'/usr/bin/chromium',
	'/usr/bin/chromium-browser',
	'/usr/bin/google-chrome',
	'/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The system's Chromium, if any. */
export const chromiumPath = (): string | undefined => process.env['CHROMIUM_PATH'] ?? CANDIDATES.find((path) => existsSync(path));
