import fc from 'fast-check';
import { MlopsError } from '../../lib/domain/errors.js';
import { lineText } from '../../lib/domain/text.js';

const ACTING = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/;

describe('texts of errors', () => {
	it.each([
		['\u001b[31mred\u001b[0m', 'red'],
		['\u001b]0;title\u0007 said', ' said'],
		['a\u0000b', 'a b'],
		['line\r\nnext\tcolumn', 'line next column'],
		['\u202egnp.exe', 'gnp.exe'],
		['a\u2066b\u2069c', 'abc'],
		['\u009b1mx', 'x'],
		['half \ud83d', 'half \uFFFD'],
		['\u{1F600} Z\u00fcrich \u5317\u4eac', '\u{1F600} Z\u00fcrich \u5317\u4eac'],
		['\u001b', ' '],
		['\u2028x', ' x'],
		['\u001b(Bx', 'x'],
		// A command without an end takes nothing of the sentence with it.
		['The column \u001b]0;a is not there.', 'The column 0;a is not there.'],
		['\u001b]0;one\u001b]0;two\u0007 said', '0;one said'],
		['\u001b]8;;https://example.com\u001b\\link', 'link'],
	])('%j is said as %j', (given, said) => {
		expect(lineText(given)).toBe(said);
		const error = new MlopsError('data.column_unknown', given, {
			column: given,
			found: given,
			expected: given,
			remedy: given,
			row: 3,
			node: given,
		});
		expect([error.message, error.details]).toEqual([said, { column: said, found: said, expected: said, remedy: said, row: 3, node: said }]);
		expect(MlopsError.fromJSON(error.toJSON()).toJSON()).toEqual(error.toJSON());
		expect(MlopsError.from(new Error(given)).message).toBe(said);
	});

	it('hold nothing that acts, whatever was thrown (10,000 texts)', () => {
		const unit = fc
			.oneof(
				fc.integer({ min: 0, max: 0x9f }),
				fc.integer({ min: 0x2000, max: 0x206f }),
				fc.integer({ min: 0, max: 0xffff }),
				fc.constantFrom(0x1b, 0x5b, 0x6d),
			)
			.map((c) => String.fromCharCode(c));
		fc.assert(
			fc.property(
				fc.array(unit, { maxLength: 20 }).map((units) => units.join('')),
				(text) => {
					const { message, details } = new MlopsError('internal', text, { found: text });
					for (const said of [message, details.found!]) {
						expect(ACTING.test(said)).toBe(false);
						expect(said.isWellFormed()).toBe(true);
					}
				},
			),
			{ numRuns: 10_000 },
		);
	});
});
