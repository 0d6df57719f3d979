export { driftParams, type DriftParams } from './driftParams.js';
export { driftReport, type DriftAbout } from './driftReport.js';
export { buildReference, referenceSketch, type ReferenceSketch } from './sketch.js';
export { requestsOf, type LoggedRow } from './frameFromLog.js';
export { RequestParts } from './requestParts.js';
