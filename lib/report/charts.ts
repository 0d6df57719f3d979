/** Every chart is a plain function from a record's part to a `Chart`; `render.ts` makes SVG or PNG of it. */
export { chartPng, drawChart, renderSvg, svgToPng, type Chart, type Drawn, type Size, type Tip } from './render.js';
export { calibrationChart } from './charts/calibration.js';
export { comparisonChart } from './charts/comparison.js';
export { confusionChart } from './charts/confusion.js';
export { correlationChart } from './charts/correlation.js';
export { driftChart, driftHistogramChart, driftStrength } from './charts/drift.js';
export { histogramChart, type HistogramInput } from './charts/histogram.js';
export { importanceChart } from './charts/importance.js';
export { leaderboardChart } from './charts/leaderboard.js';
export { learningCurveChart } from './charts/learningCurve.js';
export { missingChart } from './charts/missing.js';
export { precisionRecallChart } from './charts/precisionRecall.js';
export { residualsChart } from './charts/residuals.js';
export { rocChart } from './charts/roc.js';
export { treeChart } from './charts/tree.js';
