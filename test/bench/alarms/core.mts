// What is simulated is what is built.
import { createRequire } from 'node:module';
import path from 'node:path';

const dist = path.resolve(import.meta.dirname, '../../../dist/lib');
const require = createRequire(import.meta.url);
const from = <T,>(file: string): T => require(path.join(dist, file)) as T;

export const { AlarmProcess } = from<typeof import('../../../lib/monitor/alarm/alarm.js')>('monitor/alarm/alarm.js');
export const { defaultVerdict } = from<typeof import('../../../lib/monitor/defaultMode.js')>('monitor/defaultMode.js');
export const { evidentlyVerdict } = from<typeof import('../../../lib/monitor/evidentlyMode.js')>('monitor/evidentlyMode.js');
export const { findingOf } = from<typeof import('../../../lib/monitor/findings.js')>('monitor/findings.js');
export const { driftParams } = from<typeof import('../../../lib/monitor/driftParams.js')>('monitor/driftParams.js');
export const { jensenShannonDistance } =
	from<typeof import('../../../lib/monitor/tests/jensenshannon.js')>('monitor/tests/jensenshannon.js');
export const { normalQuantile } = from<typeof import('../../../lib/task/statistics/distributions.js')>('task/statistics/distributions.js');
