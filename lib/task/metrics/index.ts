import { accuracy } from './accuracy.js';
import { agreement } from './agreement.js';
import { auc } from './auc.js';
import { aucOvr } from './aucOvr.js';
import { averagePrecision } from './averagePrecision.js';
import { balancedAccuracy } from './balancedAccuracy.js';
import { brier } from './brier.js';
import type { Metric } from './contract.js';
import { f1 } from './f1.js';
import { f1Macro } from './f1Macro.js';
import { flagged } from './flagged.js';
import { logLoss } from './logLoss.js';
import { mae } from './mae.js';
import { mape } from './mape.js';
import { mcc } from './mcc.js';
import { precision } from './precision.js';
import { r2 } from './r2.js';
import { recall } from './recall.js';
import { rmse } from './rmse.js';

/** All metrics, in the order of records, reports and forms. A new one is one file and one line here. */
export const METRICS: readonly Metric[] = [
	auc,
	aucOvr,
	averagePrecision,
	logLoss,
	brier,
	accuracy,
	balancedAccuracy,
	mcc,
	f1,
	precision,
	recall,
	f1Macro,
	rmse,
	mae,
	r2,
	mape,
	flagged,
	agreement,
];

const byId = new Map(METRICS.map((metric) => [metric.id, metric]));

export const metricById = (id: string): Metric | undefined => byId.get(id);
