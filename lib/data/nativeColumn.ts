import type { ColumnSchema, ColumnType } from '../domain/column.js';
import { quoteName } from './duck.js';
import { formatText, type ColumnFormat } from './format.js';
import type { RawColumn, SourceContext } from './sources/contract.js';
import type { TypedColumn } from './typing.js';
import { cutText } from '../domain/text.js';

const INTEGERS = /^(U?TINYINT|U?SMALLINT|U?INTEGER|U?BIGINT|U?HUGEINT)$/;
const NUMBERS = /^(FLOAT|DOUBLE|DECIMAL.*|U?HUGEINT)$/;

/** A time of day, of any precision. */
const CLOCK = /^TIME(?!STAMP)/;
/** It is read as hours, as the texts of such times are. */
const HOURS: ColumnFormat = { unit: 'h', v: 2 };

/** Decimals with places and more digits than a number surely holds. */
export const LONG_DECIMAL = /^DECIMAL\((?:1[6-9]|[23]\d),(?!0\))\d+\)$/;

/** The last moment that JavaScript can name, in the year 275760; the first one lies as far before 1970. */
const LAST_MS = 8_640_000_000_000_000;

/** Whether values of a type are days or moments. */
export const isMoment = (duckType: string): boolean => duckType === 'DATE' || duckType.startsWith('TIMESTAMP');

/** SQL: true for a day or moment that has a name here; not so for `infinity`, and for years that databases keep beyond all calendars. */
export const nameableSql = (key: string): string =>
	`(TRY_CAST(${key} AS TIMESTAMP) BETWEEN make_timestamp(-${LAST_MS}000) AND make_timestamp(${LAST_MS}000))`;

const momentSql = (key: string): string => `CASE WHEN ${nameableSql(key)} THEN date_trunc('millisecond', CAST(${key} AS TIMESTAMP)) END`;

/** A column whose own type says enough. */
export function nativeColumn(c: RawColumn, forced: ColumnType | undefined, note: SourceContext['note']): TypedColumn {
	const key = quoteName(c.key);
	if (c.kind === 'string') {
		// The source vouches for text: only empty text is missing there, and "NA" may be a place.
		const format: ColumnFormat = { nulls: [] };
		const type = forced ?? 'category';
		return {
			raw: c,
			schema: { name: c.name, type, role: 'feature', ...formatField(format) },
			format,
			failed: 0,
			strays: 0,
			kept: 0,
			undecided: !forced,
		};
	}
	const duckType = c.duckType ?? 'BLOB';
	const [type, sql] = nativeType(key, duckType);
	const hours = CLOCK.test(duckType);
	const schema = (t: ColumnType): ColumnSchema => ({
		name: c.name,
		type: t,
		role: 'feature',
		...(hours && t === 'number' ? formatField(HOURS) : {}),
	});
	if (!forced || forced === type) {
		if (hours) note('data.type', `"${c.name}" holds times of day, which are read as hours: 08:15:30 is 8.25833.`);
		if (type === 'category' && !/^(VARCHAR|ENUM.*|UUID|JSON)$/.test(duckType))
			note('data.type', `"${c.name}" holds ${cutText(duckType.toLowerCase(), 40)} values and is kept as text.`);
		return { raw: c, schema: schema(type), native: sql, failed: 0, strays: 0, kept: 0, undecided: type === 'category' && !forced };
	}
	const cast = (native: string): TypedColumn => ({ raw: c, schema: schema(forced), native, failed: 0, strays: 0, kept: 0 });
	switch (forced) {
		case 'text':
		case 'category':
			// As text a decimal keeps all of the digits of which a number keeps some fifteen, and a time stays one.
			return cast(type === 'category' ? sql : hours || LONG_DECIMAL.test(duckType) ? `CAST(${key} AS VARCHAR)` : `CAST(${sql} AS VARCHAR)`);
		case 'number':
			return cast(type === 'datetime' ? `CAST(epoch_ms(${sql}) AS DOUBLE)` : `TRY_CAST(${sql} AS DOUBLE)`);
		case 'integer':
			return cast(
				type === 'datetime'
					? `epoch_ms(${sql})`
					: `CASE WHEN trunc(CAST(${sql} AS DOUBLE)) = CAST(${sql} AS DOUBLE) THEN TRY_CAST(${sql} AS BIGINT) END`,
			);
		case 'boolean':
			return cast(`CASE WHEN ${sql} = 1 THEN true WHEN ${sql} = 0 THEN false END`);
		case 'datetime':
			return cast(`CASE WHEN TRY_CAST(${sql} AS BIGINT) BETWEEN -${LAST_MS} AND ${LAST_MS} THEN epoch_ms(CAST(${sql} AS BIGINT)) END`);
	}
}

function nativeType(key: string, duckType: string): [ColumnType, string] {
	if (duckType === 'BOOLEAN') return ['boolean', key];
	if (INTEGERS.test(duckType) && !duckType.includes('HUGE')) return ['integer', `CAST(${key} AS BIGINT)`];
	// NaN is how some writers say "missing".
	if (NUMBERS.test(duckType)) return ['number', `CASE WHEN isnan(CAST(${key} AS DOUBLE)) THEN NULL ELSE CAST(${key} AS DOUBLE) END`];
	if (isMoment(duckType)) return ['datetime', momentSql(key)];
	if (CLOCK.test(duckType)) return ['number', `epoch_us(CAST(${key} AS TIME)) / 1e6 / 3600`];
	if (/^(VARCHAR|UUID|ENUM.*)$/.test(duckType)) return ['category', `nullif(CAST(${key} AS VARCHAR), '')`];
	return ['category', `CAST(${key} AS VARCHAR)`];
}

/** The part of a column's schema that says how its text is read. */
export const formatField = (format: ColumnFormat): { format?: string } => {
	const text = formatText(format);
	return text === undefined ? {} : { format: text };
};
