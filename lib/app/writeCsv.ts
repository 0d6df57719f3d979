import { open } from 'node:fs/promises';
import { isNumberVector, type Frame, type Vector } from '../data/frame.js';
import { isoText } from '../data/preview.js';

const ROWS_A_WRITE = 10_000;

/** A frame as CSV (RFC 4180, header first): row id, then its columns. Missing is empty, dates are ISO, numbers keep all their digits. */
export async function writeCsv(frame: Frame, path: string, rowIdName = 'row'): Promise<void> {
	const file = await open(path, 'w');
	try {
		await file.write(`${[rowIdName, ...frame.schema.map((c) => quoted(c.name))].join(',')}\n`);
		const readers = frame.vectors.map((v, j) => readerOf(v, frame.schema[j].type === 'datetime'));
		for (let at = 0; at < frame.rows; at += ROWS_A_WRITE) {
			const lines: string[] = [];
			for (let i = at; i < Math.min(at + ROWS_A_WRITE, frame.rows); i++) lines.push(`${frame.rowId[i]},${readers.map((read) => read(i)).join(',')}`);
			await file.write(`${lines.join('\n')}\n`);
		}
		await file.sync();
	} finally {
		await file.close();
	}
}

function readerOf(v: Vector, isDate: boolean): (row: number) => string {
	if (isNumberVector(v)) return (i) => (Number.isNaN(v.data[i]) ? '' : isDate ? isoText(v.data[i]) : String(v.data[i]));
	const texts = ['', ...v.dictionary.map(quoted)];
	return (i) => texts[v.codes[i]];
}

const quoted = (text: string): string => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
