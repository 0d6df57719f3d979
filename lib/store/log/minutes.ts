import { rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { temporariesOf, temporaryPath } from '../files.js';
import { list, relationOver, typedLines } from './columns.js';
import type { SealedFile } from './contract.js';
import { firstMinutesFolder, minutesFolder } from './places.js';
import type { Sealer } from './sealSegment.js';

/**
 * What of the answers is shown: a row for each minute, model, version, alias, arm and door. It is made when a segment is sealed, and again
 * where it is missing; so to show the traffic of a year reads a thousandth of what was logged.
 */

/** Classes that a row keeps, the most frequent ones. */
const MOST_CLASSES = 50;
/** Characters of a class. */
const CLASS_CHARACTERS = 100;
/** Buckets of the histogram of milliseconds for each doubling: a bucket is 19 % wide. */
export const BUCKETS = 4;
/** Answers faster than this count as this (ms). */
const FASTEST_MS = 0.01;

const COLUMNS =
	`date_trunc('minute', "at") AS minute, model, version, alias, arm, door, ` +
	`count(*) FILTER (WHERE unlogged IS NULL) AS answers, ` +
	`count(*) FILTER (WHERE unlogged IS NULL AND error IS NOT NULL) AS errors, ` +
	`count(*) FILTER (WHERE warnings IS NOT NULL) AS warnings, ` +
	`CAST(coalesce(sum(unlogged), 0) AS BIGINT) AS unlogged, ` +
	`count(ms) AS timed, coalesce(sum(ms), 0) AS ms_sum, histogram(bucket) FILTER (WHERE bucket IS NOT NULL) AS ms_counts, ` +
	`count(first) AS scored, coalesce(sum(first), 0) AS score_sum, coalesce(sum(first * first), 0) AS score_squares, ` +
	`histogram(class) FILTER (WHERE class IS NOT NULL) AS all_classes`;

/** The most frequent classes alone. */
const BOUNDED =
	`map_from_entries(list_transform(list_slice(list_reverse_sort(list_transform(map_entries(all_classes), ` +
	`lambda e: {'n': e.value, 'c': e.key})), 1, ${MOST_CLASSES}), lambda e: {'key': e.c, 'value': e.n}))`;

/** The roll-up of a table of answers. `arm`s whose answers nobody saw (shadows) are arms like the others. */
const rolledUp = (relation: string): string =>
	`SELECT * EXCLUDE (all_classes), ${BOUNDED} AS classes FROM (SELECT ${COLUMNS} FROM (SELECT *, ` +
	`CAST(floor(log2(greatest(ms, ${FASTEST_MS})) * ${BUCKETS}) AS INTEGER) AS bucket, ` +
	`TRY_CAST(json_extract(score, '$[0]') AS DOUBLE) AS first, ` +
	`CASE WHEN unlogged IS NULL AND (starts_with(prediction, '"') OR prediction IN ('true', 'false')) ` +
	`THEN left(json_extract_string(prediction, '$'), ${CLASS_CHARACTERS}) END AS class FROM ${relation}) ` +
	`GROUP BY ALL ORDER BY minute, model, version, alias, arm, door)`;

/** Writes the roll-up of a sealed segment beside it. */
export async function makeMinutes({ home, files, duck }: Sealer, { file }: Pick<SealedFile, 'file'>): Promise<void> {
	const temporary = temporaryPath(temporariesOf(home), 'parquet');
	try {
		const from = relationOver('answers', [join(home, file)], []);
		await duck.run([`COPY (${rolledUp(from)}) TO '${temporary.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd)`]);
		await files.syncFile(temporary);
		await files.makeFolder(minutesFolder(home));
		await rename(temporary, join(minutesFolder(home), basename(file)));
		await rm(join(firstMinutesFolder(home), basename(file)), { force: true });
	} finally {
		await rm(temporary, { force: true });
	}
}

/**
 * A table expression over the roll-ups of sealed segments and, made now, of open files.
 * @param first roll-ups that do not tell aliases apart: theirs is null
 */
export function minutesOver({ minutes, first, open }: Record<'minutes' | 'first' | 'open', readonly string[]>): string {
	// Also where there is neither, so that the columns are there.
	const now = rolledUp(open.length > 0 ? `(${typedLines('answers', open)})` : relationOver('answers', [], []));
	const sealed = [minutes, first].filter(({ length }) => length > 0).map((files) => `SELECT * FROM read_parquet(${list(files)})`);
	return `(${[now, ...sealed].join(' UNION ALL BY NAME ')})`;
}
