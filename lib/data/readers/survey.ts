import { isUtf8 } from 'node:buffer';
import { open } from 'node:fs/promises';
import { READING, SURVEYED, type SourceContext } from '../sources/contract.js';

/** What is seen of a whole text file at the speed of the disk. */
export interface Survey {
	/** The bytes are valid UTF-8 throughout. */
	utf8: boolean;
	/** Line feeds, carriage returns, and both together. */
	lf: number;
	cr: number;
	crlf: number;
	/** Bytes of value zero. */
	nul: number;
	/** Byte order marks that are not at the beginning. */
	marks: number;
	/** Where every `STRIDE`th line begins, from the first on. */
	starts?: number[];
}

/** Lines from one start that is kept to the next. */
export const STRIDE = 16;

const BLOCK = 1 << 22;
/** For what waits of the block before. */
const ROOM = 8;
const MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Looks at every byte of a file once, and says what share of it was seen; `check` stops it. */
export async function surveyText(path: string, { check, progress }: Pick<SourceContext, 'check' | 'progress'>): Promise<Survey> {
	const survey: Survey = { utf8: true, lf: 0, cr: 0, crlf: 0, nul: 0, marks: 0, starts: [0] };
	const file = await open(path, 'r');
	try {
		const { size } = await file.stat();
		// Two blocks in turn: one is read while the other is looked at. What is left of one stands before the next.
		const buffers = [Buffer.allocUnsafe(ROOM + BLOCK), Buffer.allocUnsafe(ROOM + BLOCK)];
		const readInto = async (k: number, at: number): Promise<number> => (await file.read(buffers[k], ROOM, BLOCK, at)).bytesRead;
		let position = 0;
		let kept = 0;
		let reading = readInto(0, position);
		for (let k = 0; ; k = 1 - k) {
			const bytesRead = await reading;
			check();
			const begin = position - kept;
			position += bytesRead;
			progress({ stage: READING, share: SURVEYED * Math.min(1, position / size) });
			if (bytesRead > 0) reading = readInto(1 - k, position);
			const filled = buffers[k].subarray(ROOM - kept, ROOM + bytesRead);
			// A character or a pair of line ends may lie across two blocks: its beginning waits for the next one.
			const end = bytesRead === 0 ? filled.length : wholeEnd(filled);
			look(filled.subarray(0, end), survey, begin);
			kept = filled.copy(buffers[1 - k], ROOM - (filled.length - end), end);
			if (bytesRead === 0) return survey;
		}
	} finally {
		await file.close();
	}
}

/** The end of what can be looked at by itself: before an unfinished character, or a carriage return whose line feed may follow. */
function wholeEnd(buffer: Buffer): number {
	const filled = buffer.length;
	for (let back = 1; back <= Math.min(4, filled); back++) {
		const byte = buffer[filled - back];
		if (byte >= 0xc0) return filled - back;
		if (byte < 0x80) return byte === 13 && back === 1 ? filled - 1 : filled;
	}
	return filled;
}

function look(bytes: Buffer, survey: Survey, position: number): void {
	if (survey.utf8 && !isUtf8(bytes)) survey.utf8 = false;
	for (let i = bytes.indexOf(10); i >= 0; i = bytes.indexOf(10, i + 1)) {
		if (++survey.lf % STRIDE === 0) survey.starts!.push(position + i + 1);
		if (bytes[i - 1] === 13) survey.crlf++;
	}
	for (let i = bytes.indexOf(13); i >= 0; i = bytes.indexOf(13, i + 1)) survey.cr++;
	for (let i = bytes.indexOf(0); i >= 0; i = bytes.indexOf(0, i + 1)) survey.nul++;
	for (let i = bytes.indexOf(MARK, position === 0 ? 1 : 0); i >= 0; i = bytes.indexOf(MARK, i + 1)) survey.marks++;
}

/** Lines end in more than one way. */
export const mixedLineEnds = ({ lf, cr, crlf }: Survey): boolean => cr > 0 && lf > 0 && !(lf === crlf && cr === crlf);
