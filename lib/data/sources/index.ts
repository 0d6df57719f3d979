import { MlopsError } from '../../domain/errors.js';
import { answersSource } from './answers.js';
import type { Source } from './contract.js';
import { exampleSource } from './example.js';
import { fileSource } from './file.js';
import { itemsSource } from './items.js';
import { sqlSource } from './sql.js';
import { urlSource } from './url.js';

/** All sources, in the order in which they are offered. */
export const SOURCES: readonly Source[] = [itemsSource, fileSource, urlSource, sqlSource, answersSource, exampleSource];

/** A source by its id. @throws `input.invalid` */
export function sourceById(id: string): Source {
	const source = SOURCES.find((s) => s.id === id);
	if (source) return source;
	throw new MlopsError('input.invalid', `There is no source "${id}".`, {
		expected: `one of: ${SOURCES.map((s) => s.id).join(', ')}`,
		remedy: 'Choose a source from the list.',
	});
}
