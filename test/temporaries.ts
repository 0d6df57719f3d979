import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Names of a store's temporary files that work has made. The anchor of the audit log is left out: it follows the log's end a second later,
 * by way of such a file, whatever work goes on or has ended.
 */
export const temporariesIn = (home: string): string[] => readdirSync(join(home, 'tmp')).filter((name) => !name.endsWith('.head'));
