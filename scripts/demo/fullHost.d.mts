/** Types of `fullHost.mjs` for the tests. */
import type { Executions } from './execution.mjs';

export function executionsOf(call: (method: string, route: string, body?: unknown) => Promise<unknown>): Executions;
