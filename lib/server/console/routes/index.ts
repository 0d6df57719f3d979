import type { ConsoleRoute } from '../contract.js';
import { me } from './me.js';

/** All routes of the console's API, one file a topic. */
export const consoleRoutes: readonly ConsoleRoute[] = [me];
