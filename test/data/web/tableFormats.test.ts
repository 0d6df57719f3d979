import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { MlopsError } from '../../../lib/domain/errors.js';
import { workshop } from '../helpers.js';

const shop = workshop();
afterAll(() => shop.close());

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
/** What programs write behind the mark of their format: numbers in bytes, and names. */
const body = Buffer.from(Array.from({ length: 3_000 }, (_, i) => (i % 5 ? (i * 2_654_435_761) >>> 24 : 0)));
const marked = (mark: string, before = 0): Buffer => Buffer.concat([Buffer.alloc(before), bytes(mark), body]);

/** Files as pandas 3.1.1, Polars 2.1.0 and others begin them; some were taken as a table of one column without a word. */
test.each<[string, Buffer, RegExp, RegExp]>([
	['t.arrow', marked('ARROW1\0\0'), /an Arrow \(Feather\) file/, /read_feather/],
	['t.arrows', marked('\xff\xff\xff\xff\x10\x01'), /an Arrow stream/, /Parquet or CSV/],
	['t.avro', marked('Obj\x01\x04\x16avro.schema'), /an Avro file/, /read_avro/],
	['t.orc', marked('ORC\x11\0\0'), /an ORC file/, /read_orc/],
	['t.h5', marked('\x89HDF\r\n\x1a\n'), /an HDF5 file/, /read_hdf/],
	['t.pkl', marked('\x80\x05\x95'), /a pickle of Python/, /read_pickle/],
	['t.npy', marked('\x93NUMPY\x01\0'), /an array of NumPy/, /savetxt/],
	['t.dta', marked('\x72\x02\x01\0'), /a file of Stata/, /read_stata/],
	['new.dta', marked('<stata_dta><header>'), /a file of Stata/, /read_stata/],
	['t.sav', marked('$FL2@(#) SPSS DATA FILE'), /a file of SPSS/, /read_spss/],
	['t.sas7bdat', marked('\xc2\xea\x81\x60\xb3\x14\x11\xcf', 12), /a file of SAS/, /read_sas/],
	['t.rds', gzipSync(marked('X\n\0\0\0\x03')), /data of R/, /write\.csv/],
	['t.mat', marked('MATLAB 5.0 MAT-file, Platform: GLNXA64'), /a file of MATLAB/, /writetable/],
	['t.db', marked('SQLite format 3\0'), /a database of SQLite/, /"SQL query"/],
	['t.tar.gz', gzipSync(Buffer.concat([bytes('t.csv'.padEnd(257, '\0')), bytes('ustar\0'), body])), /an archive of files/, /Unpack/],
	['t.ods', marked('mimetypeapplication/vnd.oasis.opendocument.spreadsheet', 30), /a spreadsheet of LibreOffice/, /xlsx/],
	['t.bin', marked('\x07\x01\x02'), /no text, but a file of some program/, /export/],
])('%s is no table that is read here, and it is said which and what to do', async (name, content, is, remedy) => {
	const path = shop.path(name);
	writeFileSync(path, content);
	const error = await shop.ingest({ source: 'file', params: { path } }).then(
		() => undefined,
		(thrown: unknown) => MlopsError.from(thrown),
	);
	expect(error?.code).toBe('data.unreadable');
	expect(error?.message).toMatch(is);
	expect(error?.details.remedy).toMatch(remedy);
});

test.each([
	['orc.csv', 'ORC,mine\n1,a\n2,b\n3,c\n', ['ORC', 'mine']],
	['fea.csv', 'FEA1,b\n1,x\n2,y\n3,z\n', ['FEA1', 'b']],
	['duck.csv', 'a,b,c,d,DUCK\n1,2,3,4,5\n2,3,4,5,6\n', ['a', 'b', 'c', 'd', 'DUCK']],
	['spss.csv', '$FL2;price\n1;2\n3;4\n', ['$FL2', 'price']],
	['x.csv', 'X\n1\n2\n3\n', ['X']],
])('%s is a table, whatever its first letters are', async (name, text, names) => {
	const path = shop.path(name);
	writeFileSync(path, text);
	expect((await shop.ingest({ source: 'file', params: { path } })).columns.map((column) => column.name)).toEqual(names);
});

test('a table with marks of a broken export among its cells is read, whatever its encoding', async () => {
	const path = shop.path('hive.csv');
	const lines = Array.from({ length: 40 }, (_, i) => `${i},caf\xe9 ${String.fromCharCode(1 + (i % 6))}`);
	writeFileSync(path, bytes(['n,name', ...lines].join('\n')));
	expect(await shop.ingest({ source: 'file', params: { path } })).toMatchObject({ rows: 40 });
});
