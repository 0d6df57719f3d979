import type { IExecuteFunctions } from 'n8n-workflow';
import { MOST_CHANGEABLE, type ChangesAsked } from '../../lib/domain/changes.js';
import { MlopsError } from '../../lib/domain/errors.js';

/** What one item asks. */
export interface Asked {
	rows: Array<Record<string, unknown>>;
	/** Whether the rows came as a list. */
	list: boolean;
	/** How many reasons are asked for. */
	reasons: number;
	/** What the person calls what is asked about. */
	key?: string;
	/** What would change each answer, where that is asked. */
	changes?: ChangesAsked;
	/** What a person should know about the choice of the row. */
	said?: string;
}

/** What a row is called in sentences. */
export const ROW = { what: 'The row to predict', code: 'predict.input_invalid' } as const;

/** @throws `input.invalid` for too many changeable columns */
export function reasonsAndKey(functions: IExecuteFunctions, index: number): Pick<Asked, 'reasons' | 'key' | 'changes'> {
	const key = keyIn(functions, index);
	const changes = changesIn(functions, index);
	return {
		reasons: functions.getNodeParameter('reasons', index) as number,
		...(key === '' ? {} : { key }),
		...(changes ? { changes } : {}),
	};
}

/** @throws `input.invalid` for a number whose last digits n8n's items have lost: it would be another's key */
function keyIn(functions: IExecuteFunctions, index: number): string {
	// An expression may give a number.
	const key = functions.getNodeParameter('key', index, '') as unknown;
	if (typeof key === 'number' && Number.isInteger(key) && !Number.isSafeInteger(key))
		throw new MlopsError('input.invalid', 'The key is a number of more digits than numbers in n8n keep.', {
			expected: 'a text',
			found: String(key),
			remedy: 'Let it be a text where it comes from, so that no digit is lost.',
		});
	return String(key ?? '');
}

function changesIn(functions: IExecuteFunctions, index: number): ChangesAsked | undefined {
	const { changeableColumns, wish } = functions.getNodeParameter('options', index, {}) as { changeableColumns?: unknown; wish?: unknown };
	// An expression may give a list, or a number.
	const named = Array.isArray(changeableColumns) ? changeableColumns.map(String) : String(changeableColumns ?? '').split(',');
	const columns = named.map((name) => name.trim()).filter(Boolean);
	if (columns.length === 0) return undefined;
	if (columns.length > MOST_CHANGEABLE)
		throw new MlopsError('input.invalid', `${columns.length} columns are more than may be changeable.`, {
			expected: `at most ${MOST_CHANGEABLE}`,
			remedy: 'Name those that somebody could really change.',
		});
	const text = String(wish ?? '').trim();
	return { columns, ...(text === '' ? {} : { wish: text }) };
}
