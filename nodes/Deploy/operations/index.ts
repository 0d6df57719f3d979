import { abort } from './abort.js';
import { archive } from './archive.js';
import type { Operation } from './contract.js';
import { deploy } from './deploy.js';
import { exportModel } from './exportModel.js';
import { importModel } from './importModel.js';
import { listKeys } from './listKeys.js';
import { promote } from './promote.js';
import { rollBack } from './rollBack.js';
import { rolloutStatus } from './rolloutStatus.js';
import { startAbTest } from './startAbTest.js';
import { startCanary } from './startCanary.js';
import { startShadow } from './startShadow.js';
import { watchModel } from './watchModel.js';
import { withdrawKey } from './withdrawKey.js';

/** In the order of the form. The editor offers the first one first: not the alphabet, but what is done day by day. */
export const OPERATIONS: readonly Operation[] = [
	deploy,
	startCanary,
	startShadow,
	startAbTest,
	rolloutStatus,
	promote,
	abort,
	watchModel,
	exportModel,
	importModel,
	rollBack,
	archive,
	listKeys,
	withdrawKey,
];
