import type { ColumnType } from '../domain/column.js';
import type { Usual } from '../learn/contract.js';

/**
 * What the rows learned from have where this row has `value`: `usually 5 to 50`, `in 0.2 % of the rows learned from`. Undefined where
 * nothing is known.
 */
export function usualWords(usual: Usual | undefined, value: unknown, type?: ColumnType): string | undefined {
	if (!usual) return undefined;
	const { low, high, share } = usual;
	if (share !== undefined) {
		const none = value === null || value === undefined;
		if (share === 0) return none ? 'there was always a value' : 'never seen';
		return `${none ? 'so in' : 'in'} ${(100 * share).toLocaleString('en-US', { maximumSignificantDigits: 2 })} % of the rows learned from`;
	}
	if (low === undefined || high === undefined) return undefined;
	const text = (v: number): string =>
		type === 'datetime' ? new Date(v).toISOString().slice(0, 10) : v.toLocaleString('en-US', { maximumSignificantDigits: 4 });
	return low === high ? `usually ${text(low)}` : `usually ${text(low)} to ${text(high)}`;
}
