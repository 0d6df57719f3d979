import { createHash } from 'node:crypto';
import type { ColumnProfile } from '../../domain/profile.js';
import { ROW_ID } from '../../domain/dataset.js';
import { quoteName, type Duck } from '../duck.js';
import type { StringVector } from '../frame.js';
import { missingWordSql } from '../grammar/missing.js';
import { SORTED_LEVELS } from '../columnReaders.js';
import type { StoredColumn } from '../loadFrame.js';
import { LOOKED_AT, signsOfTexts, type Signs } from '../signs.js';
import { readCoded } from './codedTexts.js';
import { chunksOf } from './lanes.js';
import { MOST_LABELS } from './leakage.js';
import { evenRows, isEvenSql, SAMPLE_ROWS } from './sample.js';
import { TOP } from './sortedSummary.js';
import { listedText, profileOf } from './summarise.js';

/** Text that is joined at a time, about. */
const JOINED_BYTES = 16 << 20;
const JOINED_ROWS = 8_192;
const MOST_ROWS = 1 << 20;

/** Different texts, and bytes of them, that lie in memory at a time. */
const CODED = { levels: SORTED_LEVELS, bytes: 16 << 20 };

export interface TextsRead {
	profile: ColumnProfile;
	signs: Signs;
	digest: string;
	/** Its values on the sampled rows, where they were asked for and cost nothing more. */
	sample?: StringVector;
}

/**
 * What is to be known of a column of texts: the database counts them, and may spill. Only where few are different do these lie in memory.
 * @param sampled rows whose values are wanted too, rising
 */
export async function readTexts(
	lane: Duck,
	scan: string,
	{ schema, stored }: StoredColumn,
	{ rows, sampled }: { rows: number; sampled?: Uint32Array },
	check: () => void,
): Promise<TextsRead> {
	const name = quoteName(stored);
	await lane.run(
		`CREATE OR REPLACE TEMP TABLE counted AS SELECT ${name} AS v, count(*) AS c FROM ${scan} WHERE ${name} IS NOT NULL GROUP BY v`,
	);
	check();
	const [{ distinct, present, bytes, once }] = await lane.rows<{ distinct: number; present: number; bytes: number; once: number }>(
		'SELECT count(*) AS distinct, coalesce(sum(c), 0)::DOUBLE AS present, coalesce(sum(c * strlen(v)), 0)::DOUBLE AS bytes, ' +
			'coalesce(sum(strlen(v)), 0)::DOUBLE AS once FROM counted',
	);
	const top = await lane.rows<{ value: string; count: number }>(
		`SELECT v AS value, c AS count FROM counted ORDER BY c DESC, v LIMIT ${TOP}`,
	);
	const profile = profileOf(schema, {
		missing: rows - present,
		distinct,
		top: top.map(({ value, count }) => ({ value: listedText(value), count })),
	});
	if (distinct <= CODED.levels && once <= CODED.bytes) {
		const levels = 'SELECT v FROM counted ORDER BY v';
		const dictionary = (await lane.connection.runAndReadAll(levels)).getColumns().flat() as string[];
		const read = await readCoded(lane, { scan, name, dictionary, levels, sampled }, check);
		await lane.run('DROP TABLE counted');
		return { profile, signs: signsOfTexts(Array.from(evenRows(distinct, LOOKED_AT), (k) => dictionary[k])), ...read };
	}
	const signs = signsOfTexts((await lane.rows<{ v: string }>(lookedAt(distinct))).map(({ v }) => v));
	await lane.run('DROP TABLE counted');
	check();
	return { profile, signs, digest: await textDigest(lane, scan, name, { rows, bytes }, check) };
}

/** The values that `signs.ts` looks at, spread evenly over the sorted ones; of very many, in an order that has nothing to do with them. */
const lookedAt = (distinct: number): string =>
	distinct > SORTED_LEVELS
		? `SELECT v FROM counted ORDER BY hash(v), v LIMIT ${LOOKED_AT}`
		: 'SELECT v FROM (SELECT v, row_number() OVER (ORDER BY v) - 1 AS k FROM counted) ' +
			`WHERE ${isEvenSql('k', distinct, LOOKED_AT)} ORDER BY k`;

/**
 * Length in UTF-16 units, colon, text, as `vectorDigest` has it. A mark of byte order that a text begins with is no part of it there, since
 * it never was of texts that were read from the database.
 */
const BARE = `CASE WHEN starts_with(v, chr(65279)) THEN substr(v, 2) ELSE v END`;
const MARKED =
	`CASE WHEN v IS NULL THEN '-' WHEN strlen(v) = length(v) THEN concat(strlen(v), ':', v) ELSE ` +
	`concat(length(${BARE}) + length(regexp_replace(${BARE}, '[^\\x{10000}-\\x{10FFFF}]', '', 'g')), ':', ${BARE}) END`;

/**
 * `vectorDigest` of a column of texts: stretches of rows are joined in the database, which costs a tenth of reading each text by itself.
 */
async function textDigest(
	lane: Duck,
	scan: string,
	name: string,
	{ rows, bytes }: { rows: number; bytes: number },
	check: () => void,
): Promise<string> {
	const hash = createHash('sha256');
	const fit = JOINED_BYTES / (bytes / Math.max(1, rows) + 2);
	const stretch = Math.max(JOINED_ROWS, Math.min(MOST_ROWS, Math.floor(fit / JOINED_ROWS) * JOINED_ROWS));
	const id = quoteName(ROW_ID);
	for (let from = 0; from < rows; from += stretch) {
		const texts = `SELECT ${id} AS r, ${name} AS v FROM ${scan} WHERE ${id} >= ${from} AND ${id} < ${from + stretch}`;
		const piece = `r // ${JOINED_ROWS}`;
		const joined = `SELECT encode(string_agg(${MARKED}, '' ORDER BY r)) FROM (${texts}) GROUP BY ${piece} ORDER BY ${piece}`;
		for await (const chunk of chunksOf(lane, joined)) {
			check();
			const blobs = chunk.getColumnVector(0);
			for (let i = 0; i < chunk.rowCount; i++) hash.update((blobs.getItem(i) as { bytes: Uint8Array }).bytes);
		}
	}
	return hash.digest('hex');
}

/**
 * A column of texts on the sampled rows, its dictionary sorted. Of many texts only those are there that may stand for none; for others
 * there is an empty one, so that long texts stay out of memory.
 */
export async function sampleTexts(duck: Duck, scan: string, { stored }: StoredColumn, rows: number): Promise<StringVector> {
	const name = quoteName(stored);
	await duck.run(
		`CREATE OR REPLACE TEMP TABLE picked AS SELECT ${name} AS v FROM ${scan} WHERE ${isEvenSql(quoteName(ROW_ID), rows, SAMPLE_ROWS)}`,
	);
	await duck.run(
		'CREATE OR REPLACE TEMP TABLE levels AS SELECT v, row_number() OVER (ORDER BY v) AS k ' +
			'FROM (SELECT DISTINCT v FROM picked WHERE v IS NOT NULL)',
	);
	const codes = new Uint32Array(Math.min(rows, SAMPLE_ROWS));
	let at = 0;
	const coded = 'SELECT coalesce(k, 0)::UINTEGER FROM (SELECT rowid AS r, v FROM picked) LEFT JOIN levels USING (v) ORDER BY r';
	for await (const chunk of chunksOf(duck, coded)) {
		const { items } = chunk.getColumnVector(0) as unknown as { items: Uint32Array };
		codes.set(items.subarray(0, chunk.rowCount), at);
		at += chunk.rowCount;
	}
	const [{ most }] = await duck.rows<{ most: number }>('SELECT count(*) AS most FROM levels');
	const dictionary = Array<string>(most).fill('');
	const wanted = most > MOST_LABELS ? ` WHERE ${missingWordSql('v')}` : '';
	for (const { k, v } of await duck.rows<{ k: number; v: string }>(`SELECT k, v FROM levels${wanted}`)) dictionary[k - 1] = v;
	await duck.run('DROP TABLE picked');
	await duck.run('DROP TABLE levels');
	return { codes, dictionary };
}
