import { archive } from './archive.js';
import type { Operation } from './contract.js';
import { deploy } from './deploy.js';
import { exportModel } from './exportModel.js';
import { importModel } from './importModel.js';
import { rollBack } from './rollBack.js';

/** In the order of the form. The editor offers the first one first: not the alphabet, but what is done day by day. */
export const OPERATIONS: readonly Operation[] = [deploy, exportModel, importModel, rollBack, archive];
