import type { ColumnProfile, ProfileWarning } from '../../domain/profile.js';
import { lookAlike, spellingList } from '../spellings.js';
import { idKind, isBirthDate, isMark, personalKind, type ColumnFacts } from '../roles.js';

const HIGH_CARDINALITY = 1_000;
const MANY_MISSING = 0.5;
/** The rarest class below this share of the rows is hard to learn. */
const IMBALANCE = 0.05;

const share = (part: number, of: number): string => `${((part / of) * 100).toFixed(1)} %`;

/** What is odd about one column. */
export function columnWarnings(c: ColumnProfile, facts: ColumnFacts): ProfileWarning[] {
	const column = c.name;
	const { rows } = facts;
	if (c.role === 'target') return [];
	if (rows === 0) return [];
	if (c.missing === rows)
		return [{ code: 'all_missing', column, text: `"${column}" holds no value at all.`, remedy: 'Leave it out, or check why it is empty.' }];
	if (isMark(facts)) return [];
	if (c.distinct === 1 && rows > 1) {
		return [
			{
				code: 'constant',
				column,
				text: `"${column}" has the same value in every row${c.missing ? ' that has one' : ''}.`,
				remedy: 'Leave it out: it cannot tell rows apart.',
			},
		];
	}
	const warnings: ProfileWarning[] = [];
	const personal = personalKind(facts);
	if (personal) {
		const values = `${(rows - c.missing).toLocaleString('en')} values, ${c.distinct.toLocaleString('en')} different`;
		warnings.push({
			code: 'personal',
			column,
			text: `"${column}" holds ${personal} (${values}).`,
			remedy:
				c.role === 'feature'
					? 'Give it the role "ignore": a model should not know people by heart.'
					: 'It is kept with the data and is no feature; leave it out before Ingest if nobody needs it.',
		});
	}
	if (isBirthDate(facts))
		warnings.push({
			code: 'personal',
			column,
			text: `"${column}" holds days of birth.`,
			remedy: 'An age says as much to a model and less of a person: Feature Engineer makes one (Age). Then leave the day out.',
		});
	const id = personal ? undefined : idKind(facts);
	if (id)
		warnings.push({
			code: 'id_like',
			column,
			text: `"${column}" names rows: ${id}.`,
			remedy:
				c.role === 'feature'
					? 'Give it the role "id", so that no model learns rows by heart.'
					: 'It is kept with the data and is no feature, so that no model learns rows by heart.',
		});
	if (c.missing > rows * MANY_MISSING)
		warnings.push({
			code: 'many_missing',
			column,
			text: `"${column}" is missing in ${share(c.missing, rows)} of the rows.`,
			remedy: 'Fill it in Clean with an indicator column, or leave it out.',
		});
	if (c.type === 'category' && c.distinct > HIGH_CARDINALITY && c.role === 'feature') {
		warnings.push({
			code: 'high_cardinality',
			column,
			text: `"${column}" has ${c.distinct} different values.`,
			remedy: 'Group rare values or use target encoding in Feature Engineer.',
		});
	}
	return warnings;
}

/** What is odd about the table and its target. */
export function tableWarnings(
	columns: readonly ColumnProfile[],
	rows: number,
	duplicates: number,
	target: ColumnProfile | undefined,
	/** Whether its values are classes. */
	classed: boolean,
	labels?: ReadonlyMap<string, number>,
): ProfileWarning[] {
	const warnings: ProfileWarning[] = [];
	if (duplicates > 0 && columns.length > 0) {
		warnings.push({
			code: 'duplicates',
			text:
				`${duplicates} row${duplicates === 1 ? '' : 's'} (${share(duplicates, rows)}) repeat${duplicates === 1 ? 's' : ''} ` +
				`another one in all columns.`,
			remedy: 'Drop duplicates in Clean, unless such rows are expected.',
		});
	}
	if (!target) return warnings;
	const column = target.name;
	if (target.missing > 0)
		warnings.push({
			code: 'target_missing',
			column,
			text: `The target "${column}" is missing in ${target.missing} rows (${share(target.missing, rows)}).`,
			remedy: 'These rows are not used for training; check why they have no outcome.',
		});
	if (target.distinct < 2)
		warnings.push({
			code: 'target_one_class',
			column,
			text: `The target "${column}" has only one value.`,
			remedy: 'Pick another target, or bring in rows with other outcomes.',
		});
	const alike = labels && classed ? lookAlike(labels) : [];
	if (alike.length) {
		const text =
			`Labels of "${column}" differ in spelling only, and each would be a class of its own: ` +
			`${alike.slice(0, 5).map(spellingList).join('; ')}.`;
		warnings.push({
			code: 'label_spellings',
			column,
			text,
			remedy:
				'If they mean the same, let Clean unify them: Automatic proposes it. Codes and words with other signs in them it leaves ' +
				'to you (step Replace Values).',
		});
	}
	const rarest = target.top?.length === target.distinct ? target.top.at(-1) : undefined;
	if (classed && rarest && target.distinct > 1 && rarest.count < (rows - target.missing) * IMBALANCE) {
		warnings.push({
			code: 'imbalance',
			column,
			text: `Only ${share(rarest.count, rows - target.missing)} of the rows have "${column}" = ${String(rarest.value)}.`,
			remedy: 'Look at precision and recall rather than accuracy, and consider class weights in Train.',
		});
	}
	return warnings;
}
