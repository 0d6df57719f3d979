import { MlopsError } from '../../domain/errors.js';
import { CsvWriter } from '../csvWriter.js';
import type { SourceContext } from '../sources/contract.js';
import { emptyFile } from './emptyFile.js';

/** Writes one sheet of an Excel workbook as CSV, streaming, and gives its path. @throws `data.unreadable`, `data.empty` */
export async function excelToCsv(path: string, sheet: string | undefined, label: string, context: SourceContext): Promise<string> {
	const { default: ExcelJs } = await import('exceljs');
	const out = await context.temporary('csv');
	const writer = new CsvWriter(out);
	const names: string[] = [];
	let found = false;
	let width = 0;
	try {
		const reader = new ExcelJs.stream.xlsx.WorkbookReader(path, { worksheets: 'emit', sharedStrings: 'cache', styles: 'cache', hyperlinks: 'ignore', entries: 'emit' });
		for await (const worksheet of reader) {
			const name = (worksheet as unknown as { name: string }).name;
			names.push(name);
			const wanted = !found && (!sheet || name === sheet);
			if (wanted) found = true;
			for await (const row of worksheet) {
				if (!wanted) continue;
				const values = (row.values as unknown[]).slice(1);
				if (width === 0) width = values.length;
				if (!values.some((v) => v !== null && v !== undefined && v !== '')) continue;
				await writer.write(Array.from({ length: Math.max(width, values.length) }, (_, i) => cellText(values[i])));
				if (writer.rows % 1000 === 0) context.check();
			}
		}
		await writer.close();
	} catch (thrown) {
		if (thrown instanceof MlopsError) throw thrown;
		throw new MlopsError('data.unreadable', `${label} is no readable Excel workbook (.xlsx).`, { cause: thrown, remedy: 'Save it again as .xlsx, without a password, or export it as CSV.' });
	}
	if (!found) {
		throw new MlopsError('data.unreadable', `${label} has no sheet "${sheet ?? ''}".`, { expected: names.length ? `one of: ${names.join(', ')}` : 'at least one sheet', remedy: 'Choose the sheet by its name.' });
	}
	if (writer.rows === 0) throw emptyFile(label);
	return out;
}

/** What a cell shows, in a form that typing understands: numbers plain, dates ISO, formulas by their result. */
function cellText(value: unknown): string | null {
	if (value === null || value === undefined) return null;
	if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString().replace('T00:00:00.000Z', '');
	if (typeof value !== 'object') return String(value);
	if ('result' in value) return cellText(value.result);
	if ('error' in value) return null;
	if ('richText' in value && Array.isArray(value.richText)) return value.richText.map((part: { text?: string }) => part.text ?? '').join('');
	if ('text' in value) return cellText(value.text);
	return 'formula' in value || 'sharedFormula' in value ? null : JSON.stringify(value);
}
