import { findingAt, shown, type CellFinding, type ColumnFindings } from '../data/reading/index.js';
import { textColumn } from '../task/answerColumn.js';
import type { FileColumn } from '../task/contract.js';

const WORDS: Record<CellFinding, string> = {
	unread: 'cannot be read',
	unknown: 'is unknown',
	outside: 'is far outside of the training data',
	case: 'differs in case',
};

/** The column `warnings` of a file of predictions: what was found in each row's cells. */
export function warningColumn(rows: number, findings: readonly ColumnFindings[]): FileColumn {
	const codes = new Uint32Array(rows);
	const index = new Map<string, number>();
	for (let i = 0; i < rows; i++) {
		let text = '';
		for (const column of findings) {
			const finding = findingAt(column, i);
			if (finding) text += `${text && '; '}${column.column.name}: ${shown(column.cellAt(i))} ${WORDS[finding]}`;
		}
		if (!text) continue;
		let code = index.get(text);
		if (code === undefined) index.set(text, (code = index.size + 1));
		codes[i] = code;
	}
	return textColumn('warnings', codes, [...index.keys()]);
}
