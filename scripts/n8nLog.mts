import fs from 'node:fs';

/** Our nodes' lines in n8n's log: `[mlops] Train: Training trees, 40 %`. */
const OURS = /\[mlops\] (.*)/;
const COLOUR = /\u001b\[\d+m/g;

/** Calls `each` with every new line of our nodes, from now on or, first, from the start of the file. Returns a function that looks once. */
export function followOurLines(log: string, each: (line: string) => void): () => void {
	let at = 0;
	return () => {
		const size = fs.statSync(log, { throwIfNoEntry: false })?.size ?? 0;
		if (size <= at) return;
		const text = fs.readFileSync(log).subarray(at).toString('utf8');
		const end = text.lastIndexOf('\n') + 1;
		at += Buffer.byteLength(text.slice(0, end));
		for (const line of text.slice(0, end).split('\n')) {
			const found = OURS.exec(line.replace(COLOUR, ''));
			if (found) each(found[1]);
		}
	};
}
