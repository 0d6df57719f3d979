import { MlopsError } from '../domain/errors.js';
import type { RawTable, SourceContext } from './sources/contract.js';
import { cutText } from '../domain/text.js';

/** Rows that may be kept apart where nobody said otherwise, in percent. A single row never is too many. */
export const MAX_BAD_PERCENT = 10;
const SHOWN_REASONS = 3;
const SHOWN_TEXT = 60;

/** A condition that keeps rows of the typed relation apart. */
export interface BadCondition {
	name: string;
	type: string;
	sql: string;
}

interface Reason {
	count: number;
	reason: string;
	row: number;
	text: string;
}

/**
 * Refuses a table of which too many rows would be kept apart.
 * @throws `data.too_many_bad` with how many, the most frequent reasons, and an example of each
 */
export async function assertFewBad(
	raw: RawTable,
	relation: string,
	checks: readonly BadCondition[],
	rows: number,
	quarantined: number,
	{ duck }: SourceContext,
): Promise<void> {
	const limit = raw.maxBadPercent ?? MAX_BAD_PERCENT;
	const all = rows + quarantined;
	if (quarantined <= 1 || quarantined <= (all * limit) / 100) return;
	const reasons = new Map<string, Reason>();
	for await (const { row, reason, text } of raw.bad) {
		const kind = reason.replace(/ \d+ line.*$/, ' more lines');
		const known = reasons.get(kind);
		if (known) known.count++;
		else reasons.set(kind, { count: 1, reason: kind, row, text });
	}
	for (const { name, type, sql } of checks) {
		const column = raw.columns.findIndex((c) => c.name === name);
		const [found] = await duck.rows<{ count: number; row: number; text: string }>(
			`SELECT count(*) AS count, min(position) + 1 AS row, arg_min(CAST(k${column} AS VARCHAR), position) AS text FROM ` +
				`${relation} WHERE ${sql}`,
		);
		if (found.count) reasons.set(name, { reason: `have no readable ${type} in "${name}"`, ...found });
	}
	const top = [...reasons.values()].sort((a, b) => b.count - a.count);
	const said = top
		.slice(0, SHOWN_REASONS)
		.map((r) => `${r.count} ${r.count === 1 ? r.reason : plural(r.reason)} (for example line ${r.row}: "${shorten(r.text)}")`);
	throw new MlopsError(
		'data.too_many_bad',
		`${quarantined} of ${all} rows of ${raw.description} (${Math.round((quarantined / all) * 100)} %) cannot be read: ` +
			`${said.join('; ')}${top.length > SHOWN_REASONS ? '; and others' : ''}.`,
		{
			row: top[0]?.row,
			expected: `at most ${limit} % of the rows`,
			found: top[0] && shorten(top[0].text),
			remedy:
				(raw.whyBad ? `${raw.whyBad} ` : '') +
				'Repair the file, or choose delimiter, header or encoding yourself under "Options". To read the other rows all the same, ' +
				'raise "Rows to keep apart at most (%)" there.',
		},
	);
}

const shorten = (text: string): string => (text.length > SHOWN_TEXT ? `${cutText(text, SHOWN_TEXT)}...` : text);

/** "has fewer" of one row is "have fewer" of several. */
const plural = (reason: string): string =>
	reason.replace(
		/^(of "[^"]*" )?(has|is|holds|opens)\b/,
		(_, of: string | undefined, verb: string) => `${of ?? ''}${{ has: 'have', is: 'are', holds: 'hold', opens: 'open' }[verb]}`,
	);
