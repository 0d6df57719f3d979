import { isUnitName } from '../grammar/inferNumbers.js';
import { cellKind } from './cellKind.js';
import { tableWidth } from './locate.js';
import { headRecords, type Dialect, type HeadRecord } from './csvRecord.js';

export const DELIMITER_NAMES = new Map([
	[',', 'comma'],
	[';', 'semicolon'],
	['\t', 'tab'],
	['|', 'vertical bar'],
	[':', 'colon'],
	['^', 'caret'],
	['~', 'tilde'],
	[' ', 'blanks'],
]);
const USUAL = [',', ';', '\t', '|'];
/** Signs that separate only where nothing else does and everything says so. */
const RARE = ['^', '~', ':', ' '];
/** Records that the choice looks at. */
const RECORDS = 200;
/** Signs between two values rather than in a sentence. */
const BETWEEN = /\S[;|\t]\S|[\p{L}\d],[\p{L}\d]|^[;|\t,]|[;|\t,]$/u;

interface Candidate {
	dialect: Dialect;
	score: number;
	width: number;
	share: number;
	/** Rows without a quotation mark that would have to be read as it stands. */
	clean: number;
}

/** How the first lines separate their values; undefined if there is but one value in each. */
export function findDialect(head: string, cut = false): Dialect | undefined {
	const quoting = findQuoting(head);
	const best = bestOf(quoting, head, cut);
	// A folder's name may end in a backslash, which then escapes nothing.
	const plain = quoting.escape === '\\' ? bestOf({ ...quoting, escape: quoting.quote }, head, cut) : undefined;
	if (plain && plain.clean > (best?.clean ?? 0)) return plain.dialect;
	if (best) return best.dialect;
	return RARE.flatMap((delimiter) => judge({ ...quoting, delimiter }, head, cut)).find((c) => certain(c, head, cut))?.dialect;
}

function bestOf(quoting: Pick<Dialect, 'quote' | 'escape' | 'spaced'>, head: string, cut: boolean): Candidate | undefined {
	const usual = USUAL.flatMap((delimiter) => judge({ ...quoting, delimiter }, head, cut));
	return usual.filter((c) => c.share >= 0.5).sort((a, b) => b.score - a.score)[0];
}

function findQuoting(head: string): Pick<Dialect, 'quote' | 'escape' | 'spaced'> {
	if (/\\"/.test(head) && /(?:^|[,;\t|])"(?:[^"\\\n]|\\.)*\\"/m.test(head) && !/[^\\]""[^,;\t|\r\n]/.test(head))
		return { quote: '"', escape: '\\' };
	const single = head.match(/(?:^|[,;\t|])'[^'\n]*'(?=[,;\t|]|\r?$)/gm)?.length ?? 0;
	if (!head.includes('"') && single >= 2 && single >= (head.match(/'/g)?.length ?? 0) * 0.4) return { quote: "'", escape: "'" };
	const spaced = head.match(/[,;|] +"[^"\n]*"(?= *(?:[,;|\r\n]|$))/g)?.length ?? 0;
	return { quote: '"', escape: '"', ...(spaced >= 2 ? { spaced: true } : {}) };
}

function judge(dialect: Dialect, head: string, cut: boolean): Candidate[] {
	const records = headRecords(head, dialect, RECORDS, cut);
	const width = tableWidth(records);
	if (width < 2) return [];
	const from = Math.max(
		0,
		records.findIndex((r) => r.cells.length === width),
	);
	const within = records.slice(from);
	const rows = within.filter((r) => r.cells.length === width && !r.broken);
	if (rows.length === 0) return [];
	const share = rows.length / within.length;
	// Where the first line has one value, either titles stand above a table or this is text with such signs in it.
	if (from > 0 && (share < 0.7 || rows.length < records.length * 0.25 || rows.length < Math.min(2, records.length - 1) || prose(rows)))
		return [];
	if (dialect.delimiter === ',' && isDecimalComma(rows, from > 0)) return [];
	let points = 0;
	let cells = 0;
	for (const { cells: values } of rows.slice(0, 60)) {
		for (const value of values) {
			cells++;
			const kind = cellKind(value);
			if (kind === 'text') points += BETWEEN.test(value.replaceAll(dialect.delimiter, '')) ? 0.1 : 0.8;
			else points += kind === 'empty' ? 0.6 : 1;
		}
	}
	const covered = 0.5 + 0.5 * (rows.length / records.length);
	const clean = rows.filter((r) => !r.loose).length;
	return [{ dialect, width, share, clean, score: share ** 2 * covered * (points / cells) * (0.6 + 0.4 * (1 - 1 / width)) }];
}

/** After the sign there is nearly always a blank, as in sentences. */
const prose = (rows: readonly HeadRecord[]): boolean => {
	const after = rows.flatMap((r) => r.cells.slice(1));
	return after.filter((c) => /^ \S/.test(c)).length > after.length * 0.8;
};

const DECIMAL_COMMA = /^\s*[-+]?(?:\d{1,3}(?:\.\d{3})+|\d+),\d+\s*%?\s*$/;

/**
 * Whether the lines are numbers with a decimal comma, which separates nothing: there are no two names above them, or second numbers that
 * nobody writes but behind such a mark.
 * @param titled whether a line of one value stands above
 */
function isDecimalComma(rows: readonly HeadRecord[], titled: boolean): boolean {
	const numbers = rows.filter((r) => r.cells.length === 2 && DECIMAL_COMMA.test(r.cells.join(','))).length;
	if (numbers <= (rows.length - 1) * 0.8 || (numbers < 2 && rows.length > 1)) return false;
	const [first, ...rest] = rows;
	const named = first.cells.every((cell) => ['text', 'flag'].includes(cellKind(cell)));
	// A file without names may as well hold two columns of numbers.
	if (!named) return titled;
	const second = first.cells[1]!;
	const parted = /^\s/.test(second);
	return (parted && isUnitName(second.trim())) || ((titled || parted) && rest.some(({ cells }) => /^0\d/.test(cells[1] ?? '')));
}

/** A sign that also stands in times, addresses and sentences needs every line, a header, and values that are mostly no words. */
function certain({ dialect, width }: Candidate, head: string, cut: boolean): boolean {
	const records = headRecords(head, dialect, RECORDS, cut);
	if (records.length < 3 || records.some((r) => r.cells.length !== width || r.cells.some((c) => c === ''))) return false;
	const [first, ...rest] = records;
	if (first.cells.some((c) => !['text', 'flag'].includes(cellKind(c)) || c.length > 30)) return false;
	if (dialect.delimiter === '^' || dialect.delimiter === '~') return true;
	const typed = rest.map((r) => r.cells.filter((c) => cellKind(c) !== 'text').length);
	const mostly = typed.every((n) => n >= width / 2);
	return mostly || (dialect.delimiter === ':' && width >= 3 && typed.every((n) => n >= 1));
}
