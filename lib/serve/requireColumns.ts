import { nearNames, nearText } from '../data/nearNames.js';
import { MlopsError, type ErrorCode } from '../domain/errors.js';
import type { ModelManifest } from '../domain/model.js';

/** Raw columns that a caller must send. */
export const requiredNames = (manifest: Pick<ModelManifest, 'signature'>): string[] =>
	manifest.signature.filter((c) => c.required).map((c) => c.name);

const SAID: Record<'row' | 'dataset', { code: ErrorCode; remedy: string }> = {
	row: { code: 'predict.input_invalid', remedy: 'Send every column that the model needs; null says that a value is not known.' },
	dataset: {
		code: 'data.schema_mismatch',
		remedy:
			'Ingest the data with every column that the model needs, under the names that it learned; a value that is not known may be empty.',
	},
};

/**
 * A column that is not there at all is a mistake of the caller, and would count as missing in every row: it is refused by name, and near
 * names are offered.
 * @throws `predict.input_invalid` (a row) or `data.schema_mismatch` (a dataset)
 */
export function requireColumns(
	required: readonly string[],
	has: (name: string) => boolean,
	what: 'row' | 'dataset',
	there: () => readonly string[],
): void {
	const absent = required.filter((name) => !has(name));
	if (!absent.length) return;
	const names = absent
		.slice(0, 10)
		.map((name) => `"${name}"`)
		.join(', ');
	const more = absent.length > 10 ? ` and ${absent.length - 10} more` : '';
	const { code, remedy } = SAID[what];
	const near = nearText(nearNames(absent, there()));
	throw new MlopsError(
		code,
		`The ${what} lacks the column${absent.length === 1 ? '' : 's'} ${names}${more}${what === 'row' ? '' : ' that the model needs'}.`,
		{
			column: absent[0],
			expected: `all of: ${required.slice(0, 20).join(', ')}`,
			found: near ? there().slice(0, 20).join(', ') : undefined,
			remedy: near || remedy,
		},
	);
}
