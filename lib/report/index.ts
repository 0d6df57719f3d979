export { datasetReport } from './reports/dataset.js';
export { deploymentReport } from './reports/deployment.js';
export { driftReportHtml } from './reports/drift.js';
export { evaluationReport } from './reports/evaluation.js';
export { predictionsReport } from './reports/predictions.js';
export { recipeReport } from './reports/recipe.js';
export { runReport } from './reports/run.js';
export type { Report } from './report.js';
