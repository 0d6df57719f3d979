import { MlopsError } from '../domain/errors.js';
import { emailSpelling } from '../domain/person.js';
import { cutText } from '../domain/text.js';

/** More would be told by nobody's choice. */
const MOST = 100;

/** E-mail addresses in their one spelling, each once and in order. @throws `input.invalid` for what is none, and for too many */
export function emailAddresses(texts: readonly string[]): string[] {
	const found = texts.map((text) => text.trim()).filter(Boolean);
	for (const text of found)
		if (emailSpelling(text) === undefined)
			throw new MlopsError('input.invalid', 'This is no e-mail address.', {
				found: cutText(text, 200),
				expected: 'such as ann@example.com',
			});
	const unique = [...new Set(found.map((text) => emailSpelling(text)!))].sort();
	if (unique.length > MOST) throw new MlopsError('input.invalid', `These are ${unique.length} people.`, { expected: `at most ${MOST}` });
	return unique;
}
