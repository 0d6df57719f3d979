import { isDeeper } from '../../lib/server/depth.js';

it.each([
	['[[1]]', 2, false],
	['[[1]]', 1, true],
	['{"a":{"b":[]}}', 3, false],
	['{"a":{"b":[]}}', 2, true],
	['[],[],[]', 1, false],
	['"[[[["', 0, false],
	[String.raw`{"a\"[[[":"\\","b":"]}{{"}`, 1, false],
	[String.raw`{"a":"\\\"[[["}`, 1, false],
	['"never ends [[[', 0, false],
	['', 0, false],
])('%j nests deeper than %i: %s', (text, levels, right) => {
	expect(isDeeper(text, levels)).toBe(right);
});
