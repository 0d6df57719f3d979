export { cellReader } from './cell.js';
export { shown, warningOf, type ReadingWarning } from './findings.js';
export { findingAt, readFrame, type CellFinding, type ColumnFindings, type ReadFrame } from './frame.js';
export { rowReader } from './row.js';
export { seenIn } from './seen.js';
