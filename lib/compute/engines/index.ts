import { command } from './command.js';
import type { EngineType } from './contract.js';
import { here } from './here/here.js';

/** Every way to run jobs; the first is the one that counts where nobody chose. */
export const engines: readonly EngineType[] = [here, command];
