import { parseJson } from '../../lib/domain/json.js';

it.each<[string, unknown]>([
	['{"id":9007199254740993}', { id: '9007199254740993' }],
	['[-9007199254740993,12345678901234567890123]', ['-9007199254740993', '12345678901234567890123']],
	// What numbers keep stays a number, and so do quantities.
	['[9007199254740991,-9007199254740991,1e22,0.12345678901234567,1234567890123456.5,12345678901234567e3]', undefined],
	['{"9007199254740993":"9007199254740993","a":"\\\\\\"9007199254740993"}', undefined],
	['{"a":[{"__proto__":9007199254740993}]}', undefined],
	['9007199254740993', '9007199254740993'],
])('whole numbers keep all of their digits: %s', (text, value = JSON.parse(text)) => {
	const read = parseJson(text);
	if (text.includes('__proto__')) expect(JSON.stringify(read)).toBe('{"a":[{"__proto__":"9007199254740993"}]}');
	else expect(read).toEqual(value);
});

it.each(['{9007199254740993:1}', '[09007199254740993]', '[9007199254740993', '[+9007199254740993]', '"9007199254740993'])(
	'what is no JSON stays none: %s',
	(text) => {
		expect(() => parseJson(text)).toThrow(SyntaxError);
	},
);

it('takes long texts beside long numbers', () => {
	const long = '\\"x'.repeat(1_000_000);
	expect(parseJson(`["${long}",9007199254740993]`)).toEqual([JSON.parse(`"${long}"`), '9007199254740993']);
});
