import type { IExecuteFunctions } from 'n8n-workflow';
import { MlopsError, type ErrorCode } from '../../lib/domain/errors.js';
import { cutText } from '../../lib/domain/text.js';

/** What a row is called in sentences, and the code of its errors. */
interface RowWords {
	/** `The row to predict`. */
	what: string;
	code: ErrorCode;
}

/**
 * The rows that the parameter "Row" gives for an item: an object, a list of objects, or either as JSON text (agents and Set nodes send
 * text). @throws the code of `words`
 */
export function rowsOf(
	functions: IExecuteFunctions,
	index: number,
	{ what, code }: RowWords,
): { rows: Array<Record<string, unknown>>; list: boolean } {
	const value = rowParameter(functions, index, code);
	const parsed = typeof value === 'string' ? parseJson(value, { what, code }) : value;
	const list = Array.isArray(parsed);
	const rows = (list ? parsed : [parsed]) as Array<Record<string, unknown>>;
	if (rows.length === 0 || rows.some((r) => typeof r !== 'object' || r === null || Array.isArray(r))) {
		throw new MlopsError(code, `${what} is not an object with column names and values.`, {
			expected: '{ "column": value, ... } or a list of these',
			remedy: 'Correct the field "Row".',
		});
	}
	return { rows, list };
}

/** n8n copies a parameter level by level, and gives up on values that have no end: a failure of this row, said as such. */
function rowParameter(functions: IExecuteFunctions, index: number, code: ErrorCode): unknown {
	try {
		return functions.getNodeParameter('row', index);
	} catch (thrown) {
		if (!/call stack|circular/i.test(String((thrown as Error | undefined)?.message))) throw thrown;
		throw new MlopsError(code, 'The row holds a value that is nested too deep, or that contains itself.', {
			cause: thrown,
			remedy: 'Leave that value out before this node.',
		});
	}
}

function parseJson(text: string, { what, code }: RowWords): unknown {
	try {
		return JSON.parse(text);
	} catch (cause) {
		throw new MlopsError(code, `${what} is not valid JSON.`, {
			found: cutText(text, 80),
			remedy: 'Correct the field "Row".',
			cause,
		});
	}
}
