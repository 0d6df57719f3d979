/** Names that a column or a class may have, each of which something somewhere takes for its own. */
export const EVIL_NAMES: readonly string[] = [
	'constructor', 'toString', '__proto__', 'hasOwnProperty', 'valueOf', 'prototype', '__defineGetter__', 'toJSON', 'then', 'length', 'name', 'default', 'undefined', 'null', 'NaN', 'true',
	'__row', 'rowid', 'position', 'filename', 'file_row_number', 'c0', 'v0', 'j', 'line', 'SELECT', 'order', 'from "x"; DROP TABLE t; --', '*', '?', '$1', ':a', '%s', '`', '``', '"', '""', "'", "it's", '\\', '\\"', '\\u0041',
	'$.a', 'a.b', 'a[0]', '[0]', '{{ $json.x }}', '=1+1', '@x', '+1', '-1', '0', '1', '-0', '1e3', '01', 'a\nb', 'a\r\nb', 'a\tb', 'a,b', 'a;b', 'a|b', '#', '//', '/* x */', '<b>', '&amp;', '<script>alert(1)</script>',
	'😀', '👨‍👩‍👧', 'größe', 'gro\u0308ße', 'İ', 'ı', 'ſ', 'K', 'ẞ', '\u00a0', 'a\u200bb', '\ufeffx', '\u2028', '\u202e', 'المبلغ', '金额', 'x'.repeat(10_000),
];
