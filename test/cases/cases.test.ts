import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { MlopsError } from '../../lib/domain/errors.js';
import type { IngestInput } from '../../lib/data/ingest.js';
import { preview } from '../../lib/data/preview.js';
import { workshop, type Workshop } from '../data/helpers.js';

/** One entry of a folder's cases.json. */
interface Case {
	/** The table, in the same folder; absent where the case stands in a test of its own. */
	file?: string;
	title: string;
	/** The public report it is like: owner/repository#number. */
	like: string;
	right: string;
	/** Options of the file source, as a person would set them. */
	params?: object;
	/** What else Ingest is told: target, types, roles. */
	input?: Partial<IngestInput>;
	/** Before it is read, a line (1 is the first) is written so many times over, for what only shows far into a file. */
	grow?: { line: number; times: number };
	/** Read as a gzip of the file. */
	gzip?: boolean;
	expect?: Expected;
}

/** What comes out. Whatever is left out is not looked at. */
interface Expected {
	rows?: number;
	/** Name and type of each column, in order. */
	columns?: Array<[name: string, type: string]>;
	/** Roles of some columns. */
	roles?: Record<string, string>;
	/** Warnings of the profile about ids, people, leaks and labels: code and column, all of them. */
	warnings?: Array<[code: string, column: string]>;
	/** Values as people see them; rows count from 1, from the end where negative. */
	cells?: Array<[row: number, column: string, value: unknown]>;
	/** Rows kept apart. Nothing may be kept apart where this is left out. */
	quarantined?: number;
	/** Codes of notes that must be there, or code and a part of the sentence. */
	notes?: Array<string | [code: string, part: string]>;
	/** Codes of notes that must not be there. */
	silent?: string[];
	/** The failure: its code and parts of its sentence or details. */
	error?: [code: string, ...parts: string[]];
}

const root = path.join(__dirname, '../..');
const kinds = fs
	.readdirSync(__dirname, { withFileTypes: true })
	.filter((e) => e.isDirectory())
	.map((e) => e.name);
const all = kinds.flatMap((kind) =>
	(JSON.parse(fs.readFileSync(path.join(__dirname, kind, 'cases.json'), 'utf8')) as Case[]).map((entry) => ({
		kind,
		...entry,
		name: `${kind}: ${entry.title}`,
	})),
);

describe('the page of cases', () => {
	it('lists them all (else: node scripts/generate/cases.mts --write)', async () => {
		await expect(promisify(execFile)(process.execPath, ['scripts/generate/cases.mts', '--check'], { cwd: root })).resolves.toMatchObject({
			stderr: '',
		});
	});
	it('names a public report for each, and no file that is not there', () => {
		expect(
			all.filter((c) => !/^[\w.-]+\/[\w.-]+#\d+(, [\w.-]+\/[\w.-]+#\d+)*$/.test(c.like) || !c.title || !c.right).map((c) => c.name),
		).toEqual([]);
		expect(all.filter((c) => c.file && !fs.existsSync(path.join(__dirname, c.kind, c.file))).map((c) => c.name)).toEqual([]);
	});
	it('has no table that no case names', () => {
		const named = new Set(all.map((c) => `${c.kind}/${c.file}`));
		const files = kinds.flatMap((kind) =>
			fs
				.readdirSync(path.join(__dirname, kind))
				.filter((f) => f !== 'cases.json')
				.map((f) => `${kind}/${f}`),
		);
		expect(files.filter((f) => !named.has(f))).toEqual([]);
	});
});

describe('tables in the manner of public reports', () => {
	let shop: Workshop;
	beforeAll(() => {
		shop = workshop();
	});
	afterAll(() => shop.close());
	let made = 0;

	const tables = all.filter((c) => c.file && c.expect);
	(tables.length ? test.each(tables) : test.skip.each([{ name: 'none' } as (typeof tables)[number]]))(
		'$name',
		async ({ kind, file, params, input, grow, gzip, expect: expected }) => {
			const result = await shop
				.ingest({ source: 'file', params: { path: prepared(path.join(__dirname, kind, file!), grow, gzip), ...params }, ...input })
				.catch((thrown: unknown) => thrown as MlopsError);
			if (expected!.error) {
				const [code, ...parts] = expected!.error;
				expect(result).toMatchObject({ code });
				const said = JSON.stringify([(result as MlopsError).message, (result as MlopsError).details]);
				for (const part of parts) expect(said).toContain(JSON.stringify(part).slice(1, -1));
				return;
			}
			if (result instanceof Error) throw result;
			const { rows, columns, cells = [], quarantined = 0, notes = [], silent = [] } = expected!;
			if (columns) expect(result.columns.map((c) => [c.name, c.type])).toEqual(columns);
			const { roles, warnings } = expected!;
			if (roles) expect(Object.fromEntries(result.columns.map((c) => [c.name, c.role]))).toMatchObject(roles);
			const about = ['id_like', 'personal', 'leakage', 'label_spellings'];
			if (warnings) expect(result.profile.warnings.filter((w) => about.includes(w.code)).map((w) => [w.code, w.column])).toEqual(warnings);
			if (rows !== undefined) expect(result.rows).toBe(rows);
			expect(result.quarantined).toBe(quarantined);
			const shown = await preview(result.dataPath, result.columns, result.rows);
			expect(cells.map(([row, column]) => [row, column, shown.at(row > 0 ? row - 1 : row)?.[column]])).toEqual(cells);
			for (const note of notes) {
				const [code, part] = Array.isArray(note) ? note : [note, ''];
				expect(result.notes).toContainEqual({ code, text: expect.stringContaining(part) as string });
			}
			expect(result.notes.map((n) => n.code).filter((code) => silent.includes(code))).toEqual([]);
		},
	);

	function prepared(file: string, grow: Case['grow'], gzip: boolean | undefined): string {
		if (!grow && !gzip) return file;
		let bytes = fs.readFileSync(file);
		if (grow) {
			const lines = bytes.toString('latin1').split(/(?<=\n)/);
			lines.splice(grow.line - 1, 1, lines[grow.line - 1].repeat(grow.times));
			bytes = Buffer.from(lines.join(''), 'latin1');
		}
		fs.mkdirSync(shop.path(String(++made)));
		const out = shop.path(`${made}/${path.basename(file)}${gzip ? '.gz' : ''}`);
		fs.writeFileSync(out, gzip ? gzipSync(bytes) : bytes);
		return out;
	}
});
