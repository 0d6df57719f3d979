import { valueAt } from '../../lib/data/frame.js';
import { cellText } from '../../lib/data/grammar/cell.js';
import { loadFrame } from '../../lib/data/loadFrame.js';
import { loadKept } from '../../lib/data/texts.js';
import type { DatasetRecord } from '../../lib/domain/dataset.js';

/**
 * The cells of each column as they stood in the source: the text kept beside a value where there is one, else the value as its column
 * writes it.
 */
export async function textsOf(path: string, dataset: Pick<DatasetRecord, 'columns' | 'texts'>): Promise<Array<Array<string | null>>> {
	const frame = await loadFrame(path, { schema: dataset.columns });
	const kept = await loadKept(path, dataset);
	return dataset.columns.map((column, j) => {
		const besides = kept(column.name);
		const write = cellText(column);
		return Array.from(frame.rowId, (id, i) => {
			const value = valueAt(frame.vectors[j], i);
			return besides?.(id) ?? (value === null ? null : write(value));
		});
	});
}
