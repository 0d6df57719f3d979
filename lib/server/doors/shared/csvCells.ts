import { invalid } from './jsonBody.js';

/**
 * The cells of CSV text by lines (RFC 4180; any line end, quotes doubled); empty lines are left out.
 * @throws `serve.request_invalid` where a quote is never closed
 */
export function csvCells(text: string): string[][] {
	const lines: string[][] = [];
	let line: string[] = [];
	let quotedCells = 0;
	const cell = /(?:"([^"]*(?:""[^"]*)*)"|([^",\r\n]*))(,|\r\n|\r|\n|$)/y;
	const end = (): void => {
		if (line.length > 1 || line[0] !== '' || quotedCells > 0) lines.push(line);
		line = [];
		quotedCells = 0;
	};
	while (cell.lastIndex < text.length) {
		const found = cell.exec(text);
		if (!found)
			throw invalid(`Line ${lines.length + 1} of the CSV text has a quote that is not closed, or text behind one.`, {
				row: lines.length + 1,
			});
		const [, quoted, plain, mark] = found;
		if (quoted !== undefined) quotedCells++;
		line.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
		if (mark !== ',') end();
		else if (cell.lastIndex === text.length) line.push('');
	}
	if (line.length) end();
	return lines;
}
