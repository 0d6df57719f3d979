import { MlopsError } from '../../domain/errors.js';

export const emptyFile = (label: string): MlopsError =>
	new MlopsError('data.empty', `${label} is empty.`, {
		expected: 'a header and at least one row',
		remedy: 'Check that the export or download was complete.',
	});
