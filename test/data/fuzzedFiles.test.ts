import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { MlopsError } from '../../lib/domain/errors.js';
import { askedSeed } from '../seededFastCheck.js';
import { workshop, type Workshop } from './helpers.js';

/** More of them by `MLOPS_FILES=5000`, which is 10,000 files in all, and others by `MLOPS_SEED=1`. */
const FILES = Number(process.env['MLOPS_FILES'] ?? 40);
const SEED = askedSeed ?? 0;
const WIDTH = 4;

let shop: Workshop;
beforeAll(() => {
	shop = workshop();
});
afterAll(() => shop.close());

const cell = fc.oneof(
	{ weight: 6, arbitrary: fc.nat(99_999).map(String) },
	{
		weight: 2,
		arbitrary: fc.constantFrom(
			'',
			'NA',
			'x',
			'two words',
			'2024-02-30',
			'1e400',
			'-',
			'0x1F',
			'\u00e9t\u00e9',
			'"',
			'a"b',
			'1,5',
			'two\nlines',
		),
	},
);
const quoted = (text: string): string => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
/** Rows whose first value is never empty; some have a value too few or too many. */
const rows = fc.array(fc.tuple(fc.nat(9999), fc.array(cell, { minLength: WIDTH - 1, maxLength: WIDTH - 1 }), fc.nat(40)), {
	minLength: 12,
	maxLength: 60,
});
/** Bytes that are changed, put in or cut off. */
const damage = fc.array(
	fc.record({
		at: fc.double({ min: 0, max: 0.999, noNaN: true }),
		how: fc.nat(3),
		byte: fc.constantFrom(0, 10, 13, 34, 44, 59, 0xff, 0xe2, 65),
	}),
	{
		maxLength: 6,
	},
);

const textOf = (table: ReadonlyArray<readonly [number, string[], number]>): string =>
	[
		'id,a,b,c',
		...table.map(([id, cells, odd]) => {
			const all = [String(id), ...cells.map(quoted)];
			if (odd === 0) all.push('9');
			if (odd === 1) all.pop();
			return all.join(',');
		}),
	].join('\n');

function damaged(text: string, changes: ReadonlyArray<{ at: number; how: number; byte: number }>): Buffer {
	let bytes = Buffer.from(`${text}\n`);
	for (const { at, how, byte } of changes) {
		const place = Math.floor(at * bytes.length);
		if (how === 0) bytes[place] = byte;
		else if (how === 1) bytes = Buffer.concat([bytes.subarray(0, place), Buffer.from([byte]), bytes.subarray(place)]);
		else if (how === 2) bytes = Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + 1)]);
		else bytes = bytes.subarray(0, Math.max(1, place));
	}
	return bytes;
}

/** What came of a file: rows loaded, rows kept apart. @throws what is no answer to a person */
async function outcome(
	bytes: Buffer | string,
	types: Record<string, 'integer'> = {},
): Promise<{ rows: number; apart: number; above: boolean } | string> {
	const path = shop.path('fuzzed.csv');
	writeFileSync(path, bytes);
	try {
		const result = await shop.ingest({ source: 'file', params: { path, header: 'yes', maxBadPercent: 100 }, types });
		const apart = result.quarantinePath ? readFileSync(result.quarantinePath, 'utf8').trimEnd().split('\n').length : 0;
		expect(apart).toBe(result.quarantined);
		expect(result.profile.rows).toBe(result.rows);
		for (const file of [result.dataPath, result.quarantinePath]) if (file) rmSync(file, { force: true });
		return { rows: result.rows, apart, above: result.notes.some(({ code }) => code === 'data.preamble') };
	} catch (thrown) {
		if (!(thrown instanceof MlopsError)) throw thrown;
		expect(thrown.details.remedy ?? thrown.message).toMatch(/\w/);
		return thrown.code;
	}
}

test(`${FILES} files with odd cells and rows of other lengths: loaded and kept apart are all that were read`, async () => {
	const seen = { loaded: 0, apart: 0 };
	for (const [table, wanted] of fc.sample(fc.tuple(rows, fc.boolean()), { numRuns: FILES, seed: 11 + 2 * SEED })) {
		const found = await outcome(textOf(table), wanted ? { a: 'integer' } : {});
		if (typeof found === 'string') {
			expect(found).toMatch(/^data\./);
			continue;
		}
		// Among odd cells a line below may look more like names than the first one; the lines above it are said with their number.
		if (found.above) continue;
		expect({ ...found, all: found.rows + found.apart, text: textOf(table) }).toEqual({ ...found, all: table.length, text: textOf(table) });
		seen.loaded += found.rows;
		seen.apart += found.apart;
	}
	expect(seen.loaded).toBeGreaterThan(0);
	expect(seen.apart).toBeGreaterThan(0);
}, 14_400_000);

test(`${FILES} damaged files give a result or a failure that says what to do`, async () => {
	const codes = new Set<string>();
	for (const [table, changes] of fc.sample(fc.tuple(rows, damage), { numRuns: FILES, seed: 12 + 2 * SEED })) {
		const found = await outcome(damaged(textOf(table), changes));
		codes.add(typeof found === 'string' ? found : 'loaded');
	}
	expect(codes).toContain('loaded');
	for (const code of codes) expect(code).toMatch(/^(?:data\.|input\.invalid|loaded)/);
}, 14_400_000);
