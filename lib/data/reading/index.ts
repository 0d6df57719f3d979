export { cellReader } from './readCell.js';
export { shown, warningOf, type ReadingWarning } from './readingWarnings.js';
export {
	findingAt,
	isTakenAsItIs,
	MOST_EXAMPLES,
	OtherNotation,
	readFrame,
	type CellFinding,
	type ColumnFindings,
	type ReadFrame,
} from './readFrame.js';
export { rowReader } from './rowReader.js';
export { seenIn } from './seen.js';
