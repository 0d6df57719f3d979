import type { IExecuteFunctions } from 'n8n-workflow';

/** What one item asks. */
export interface Asked {
	rows: Array<Record<string, unknown>>;
	/** Whether the rows came as a list. */
	list: boolean;
	/** How many reasons are asked for. */
	reasons: number;
	/** What the person calls what is asked about. */
	key?: string;
	/** What a person should know about the choice of the row. */
	said?: string;
}

/** What a row is called in sentences. */
export const ROW = { what: 'The row to predict', code: 'predict.input_invalid' } as const;

export function reasonsAndKey(functions: IExecuteFunctions, index: number): Pick<Asked, 'reasons' | 'key'> {
	// An expression may give a number.
	const key = String(functions.getNodeParameter('key', index, '') ?? '');
	return { reasons: functions.getNodeParameter('reasons', index) as number, ...(key === '' ? {} : { key }) };
}
