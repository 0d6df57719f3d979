/** A format of tables that other programs write and that is not read here. */
export interface TableFormat {
	/** What the file is, in words. */
	is: string;
	/** How a table in a format that is read here is made of it. */
	remedy: string;
}

/** Bytes by which a file is known, as latin1, at their place; `inside` where a text may begin so, too. */
interface Mark extends TableFormat {
	bytes: string;
	at?: number;
	inside?: true;
}

const inPython = (read: string): string => `Save it as Parquet or CSV, in Python for example with pandas.${read}(...).to_parquet(...).`;
const exported = 'Export the table from the program that wrote it as CSV.';

const MARKS: readonly Mark[] = [
	{ bytes: 'ARROW1\0\0', is: 'an Arrow (Feather) file', remedy: inPython('read_feather') },
	{ bytes: 'FEA1', is: 'an old Feather file', remedy: inPython('read_feather'), inside: true },
	{ bytes: '\xff\xff\xff\xff', is: 'an Arrow stream', remedy: 'Save it as Parquet or CSV.' },
	{
		bytes: 'Obj\x01',
		is: 'an Avro file',
		remedy: 'Save it as Parquet or CSV, in Python for example with polars.read_avro(...).write_parquet(...).',
	},
	{ bytes: 'ORC', is: 'an ORC file', remedy: inPython('read_orc'), inside: true },
	{ bytes: '\x89HDF\r\n\x1a\n', is: 'an HDF5 file', remedy: inPython('read_hdf') },
	...['\x02', '\x03', '\x04', '\x05'].map((protocol) => ({
		bytes: `\x80${protocol}`,
		is: 'a pickle of Python',
		remedy: inPython('read_pickle'),
	})),
	{ bytes: '\x93NUMPY', is: 'an array of NumPy', remedy: 'Save it as CSV, in Python for example with numpy.savetxt(..., delimiter=",").' },
	{ bytes: '<stata_dta>', is: 'a file of Stata', remedy: inPython('read_stata') },
	...['\x71', '\x72', '\x73'].flatMap((release) =>
		['\x01', '\x02'].map((order) => ({
			bytes: `${release}${order}\x01\0`,
			is: 'a file of Stata',
			remedy: inPython('read_stata'),
		})),
	),
	{ bytes: '$FL2', is: 'a file of SPSS', remedy: inPython('read_spss'), inside: true },
	{ bytes: '$FL3', is: 'a file of SPSS', remedy: inPython('read_spss'), inside: true },
	{ bytes: '\xc2\xea\x81\x60\xb3\x14\x11\xcf', at: 12, is: 'a file of SAS', remedy: inPython('read_sas') },
	{ bytes: 'HEADER RECORD*******LIBRARY HEADER RECORD', is: 'a transport file of SAS', remedy: inPython('read_sas') },
	{ bytes: 'RDX2\n', is: 'data of R', remedy: 'Save the table in R with write.csv(..., row.names = FALSE).', inside: true },
	{ bytes: 'RDX3\n', is: 'data of R', remedy: 'Save the table in R with write.csv(..., row.names = FALSE).', inside: true },
	{ bytes: 'X\n\0\0\0', is: 'data of R', remedy: 'Save the table in R with write.csv(..., row.names = FALSE).' },
	{ bytes: 'MATLAB 5.0 MAT-file', is: 'a file of MATLAB', remedy: 'Save the table in MATLAB with writetable.', inside: true },
	{
		bytes: 'SQLite format 3\0',
		is: 'a database of SQLite',
		remedy: 'Choose "SQL query" as the source, SQLite as the database, and this file.',
	},
	{ bytes: 'DUCK', at: 8, is: 'a database of DuckDB', remedy: "Export the table with COPY ... TO 'table.parquet'.", inside: true },
	{ bytes: '\0\x01\0\0Standard ', is: 'a database of Access', remedy: exported },
	{ bytes: 'ustar', at: 257, is: 'an archive of files (tar)', remedy: 'Unpack it, and choose the table in it.', inside: true },
	{
		bytes: 'mimetypeapplication/vnd.oasis.opendocument.spreadsheet',
		at: 30,
		is: 'a spreadsheet of LibreOffice (.ods)',
		remedy: 'Save it as .xlsx or CSV.',
	},
];

/** The format of a file that holds a table for other programs, by its first bytes. */
export function tableFormat(head: Buffer): TableFormat | undefined {
	return MARKS.find(
		({ bytes, at = 0, inside }) => head.toString('latin1', at, at + bytes.length) === bytes && (!inside || controls(head).size > 0),
	);
}

/** Signs that no text has but by accident: neither blanks nor ends of lines. */
function controls(head: Buffer): Set<number> {
	const found = new Set<number>();
	for (const byte of head) if (byte < 32 && !(byte >= 8 && byte <= 13)) found.add(byte);
	return found;
}

/** Different signs of control, beside bytes of value zero, from which on what is no UTF-8 is no text in any other encoding either. */
const KINDS = 8;

/** Whether a file is certainly neither text nor a workbook nor Parquet: it has many signs that no encoding of text uses. */
export function isBinary(head: Buffer): boolean {
	// UTF-16, Parquet, and what is packed as a workbook is.
	if (['\xff\xfe', '\xfe\xff', 'PA', 'PK'].includes(head.toString('latin1', 0, 2))) return false;
	const kinds = controls(head);
	kinds.delete(0);
	return kinds.size >= KINDS && !isUtf8Start(head);
}

/** Whether a file may be UTF-8: its last character may be cut. */
function isUtf8Start(head: Buffer): boolean {
	try {
		new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: true });
		return true;
	} catch {
		return false;
	}
}
