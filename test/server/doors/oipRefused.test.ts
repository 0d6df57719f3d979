import { FRUIT_INPUTS, inferAt, texts, withBinary, type Input } from './oip.js';
import { served, type Served } from './served.js';

let server: Served;
beforeAll(async () => {
	server = await served();
});
afterAll(async () => await server.close());

const infer = inferAt(() => server);

describe('what is wrong is refused with a sentence that names it', () => {
	const price = (input: object): object => ({ inputs: [{ name: 'x', shape: [1, 3], datatype: 'FP64', data: [1, 2, 3], ...input }] });
	const column = (change: object, name = 'weight'): object => ({
		inputs: FRUIT_INPUTS.map((input) => (input.name === name ? { ...input, ...change } : input)),
	});
	it.each<[string, string, unknown, RegExp]>([
		['no inputs', 'fruit', {}, /"inputs" should be a list/],
		['an input that is no object', 'fruit', { inputs: [3] }, /Input 1 should be an object/],
		['a negative shape', 'price.v2', price({ shape: [-1, 3] }), /shape of the input "x" should be a list of whole numbers/],
		['a fraction in a shape', 'price.v2', price({ shape: [1.5, 2] }), /shape of the input "x"/],
		['a huge shape', 'price.v2', price({ shape: [1e15, 1e15] }), /data of the input "x" is not what its shape/],
		['a shape of text', 'price.v2', price({ shape: ['1', 3] }), /shape of the input "x"/],
		['no shape', 'price.v2', price({ shape: undefined }), /shape of the input "x"/],
		['nine dimensions', 'price.v2', price({ shape: [1, 1, 1, 1, 1, 1, 1, 1, 3] }), /shape of the input "x"/],
		['a shape that lies', 'price.v2', price({ shape: [2, 3] }), /is not what its shape \[2, 3\] says/],
		['data nested otherwise', 'price.v2', price({ data: [[1], [2], [3]] }), /is not what its shape \[1, 3\] says/],
		['data deeper than the shape', 'price.v2', price({ data: [[[1], 2, 3]] }), /is not what its shape/],
		[
			'ragged data',
			'price.v2',
			price({
				shape: [2, 3],
				data: [
					[1, 2, 3],
					[4, 5],
				],
			}),
			/is not what its shape/,
		],
		['no data', 'price.v2', price({ data: undefined }), /should have a list "data"/],
		['an unknown type', 'price.v2', price({ datatype: 'fp64' }), /no datatype of the protocol.*Write one of BOOL/],
		[
			'a number as text',
			'price.v2',
			price({ data: [1, '2', 3] }),
			/Element 2 of the input "x" \(FP64\) cannot be read: it should be a number, not "2"/,
		],
		[
			'a fraction in INT32',
			'price.v2',
			price({ datatype: 'INT32', data: [1, 2.5, 3] }),
			/Element 2 .* whole number from -2147483648 to 2147483647, not 2.5/,
		],
		['300 in INT8', 'price.v2', price({ datatype: 'INT8', data: [1, 300, 3] }), /from -128 to 127, not 300/],
		['-1 in UINT8', 'price.v2', price({ datatype: 'UINT8', data: [1, 2, -1] }), /from 0 to 255, not -1/],
		[
			'a whole number that INT64 cannot hold',
			'price.v2',
			'{"inputs":[{"name":"x","shape":[1,3],"datatype":"INT64","data":[1,2,9223372036854775808]}]}',
			/Element 3 .* to 9223372036854775807/,
		],
		['an object as a number', 'price.v2', price({ data: [1, {}, 3] }), /not a list or an object/],
		['1 as BOOL', 'fruit', column({ data: [1, 0] }, 'ripe'), /"ripe" \(BOOL\) cannot be read: it should be true or false, not 1/],
		['a number as BYTES', 'fruit', column({ data: [1, 'x'] }, 'Colour'), /"Colour" \(BYTES\) cannot be read: it should be text, not 1/],
		['a column of another length', 'fruit', column({ shape: [1], data: [1] }, 'days'), /"days" has 1 values, and "weight" has 2/],
		[
			'a column with two values a row',
			'fruit',
			column({ shape: [1, 2], data: [1, 2] }),
			/"weight" has the shape \[1, 2\], and is one column/,
		],
		['a column twice', 'fruit', { inputs: [...FRUIT_INPUTS, FRUIT_INPUTS[0]] }, /"weight" is there twice/],
		['an unknown column', 'fruit', { inputs: [...FRUIT_INPUTS, { ...FRUIT_INPUTS[0], name: 'height' }] }, /no column "height"/],
		['another case', 'fruit', column({ name: 'colour' }, 'Colour'), /no column "colour".*"Colour" \(for "colour"\)/],
		['a column that lacks', 'fruit', { inputs: FRUIT_INPUTS.slice(1) }, /Row 1: The row lacks the column "weight"/],
		[
			'a value that is none',
			'fruit',
			column({ data: ['2024-03-01', 'tomorrow'] }, 'since'),
			/Row 2: "since" should be a date such as .*, not "tomorrow"/,
		],
		[
			'infinity',
			'price.v2',
			'{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP64","data":[1,-Infinity,3]}]}',
			/"b" should be a number, not -Infinity/,
		],
		['an unknown output', 'fruit', { inputs: FRUIT_INPUTS, outputs: [{ name: 'output0' }] }, /no output "output0"/],
		['an output twice', 'fruit', { inputs: FRUIT_INPUTS, outputs: [{ name: 'prediction' }, { name: 'prediction' }] }, /asked for twice/],
		[
			'a ranking',
			'fruit',
			{ inputs: FRUIT_INPUTS, outputs: [{ name: 'prediction', parameters: { classification: 2 } }] },
			/ranking of classes/,
		],
		['an id that is no text', 'fruit', { id: 3, inputs: FRUIT_INPUTS }, /"id" should be a text/],
		['reasons that are no number', 'fruit', { inputs: FRUIT_INPUTS, parameters: { reasons: 'many' } }, /"reasons" should be how many/],
		['a list', 'fruit', [], /should be a JSON object/],
		['no JSON', 'fruit', '{"inputs":', /The body is not JSON/],
		['nothing', 'fruit', ' ', /The body is empty/],
		['another encoding', 'fruit', Buffer.from('{"inputs":[{"name":"Größe"}]}', 'latin1'), /The body is not UTF-8/],
		[
			'binary data of which there is none',
			'price.v2',
			price({ data: undefined, parameters: { binary_data_size: 24 } }),
			/should have 24 bytes of binary data, and 0 are left/,
		],
		['data twice', 'price.v2', price({ parameters: { binary_data_size: 0 } }), /both "data" and "binary_data_size"/],
		['a size that is none', 'price.v2', price({ data: undefined, parameters: { binary_data_size: -1 } }), /should be a number of bytes/],
	])('%s', async (_name, model, body, says) => {
		const { status, json } = await infer(model, body);
		expect(json).toMatchObject({ error: expect.stringMatching(says) as string, code: expect.any(String) as string });
		expect(status).toBe(400);
	});

	it.each<[string, Input[], Buffer, RegExp]>([
		[
			'too few bytes',
			[{ name: 'x', shape: [1, 3], datatype: 'FP32', parameters: { binary_data_size: 8 } }],
			Buffer.alloc(8),
			/8 bytes of binary data, and its shape \[1, 3\] of FP32 has 12/,
		],
		[
			'bytes that are left',
			[{ name: 'x', shape: [1, 3], datatype: 'FP32', parameters: { binary_data_size: 12 } }],
			Buffer.alloc(13),
			/1 bytes of binary data belong to no input/,
		],
		[
			'a shape that lies',
			[{ name: 'x', shape: [2 ** 40, 3], datatype: 'FP32', parameters: { binary_data_size: 12 } }],
			Buffer.alloc(12),
			/its shape \[1099511627776, 3\]/,
		],
		[
			'a text that is cut',
			[{ name: 'x', shape: [1, 3], datatype: 'BYTES', parameters: { binary_data_size: 14 } }],
			texts('1', '2', '3').subarray(0, 14),
			/Element 3 .* longer than what came/,
		],
		[
			'a length that is cut',
			[{ name: 'x', shape: [1, 3], datatype: 'BYTES', parameters: { binary_data_size: 12 } }],
			texts('1', '2', '3').subarray(0, 12),
			/Element 3 .* longer than what came/,
		],
		[
			'fewer texts',
			[{ name: 'x', shape: [1, 3], datatype: 'BYTES', parameters: { binary_data_size: 10 } }],
			texts('1', '2'),
			/Element 3 .* is missing/,
		],
		[
			'more texts',
			[{ name: 'x', shape: [1, 3], datatype: 'BYTES', parameters: { binary_data_size: 20 } }],
			texts('1', '2', '3', '4'),
			/more than the 3 elements/,
		],
		[
			'text in another encoding',
			[{ name: 'x', shape: [1, 3], datatype: 'BYTES', parameters: { binary_data_size: 15 } }],
			Buffer.concat([texts('1', '2'), Buffer.from([1, 0, 0, 0, 0xff])]),
			/Element 3 .* no text in UTF-8/,
		],
		[
			'a byte that is no BOOL',
			[{ name: 'x', shape: [1, 3], datatype: 'BOOL', parameters: { binary_data_size: 3 } }],
			Buffer.from([1, 2, 0]),
			/Element 2 .* should be true or false/,
		],
	])('in binary data: %s', async (_name, inputs, bytes, says) => {
		const { status, json } = await infer('price.v2', ...withBinary({ inputs }, bytes));
		expect(json).toMatchObject({ error: expect.stringMatching(says) as string });
		expect(status).toBe(400);
	});

	it.each(['99999999', '-1', 'x', '1e3'])('a header length of %s', async (length) => {
		const { status, json } = await infer('fruit', { inputs: FRUIT_INPUTS }, { 'inference-header-content-length': length });
		expect(json).toMatchObject({ error: expect.stringMatching(/Inference-Header-Content-Length|not JSON/) as string });
		expect(status).toBe(400);
	});

	it('more rows than the server answers at once, before a row is made of them; compressed bodies', async () => {
		const many = 100_000;
		const { status } = await infer('price.v2', {
			inputs: [{ name: 'x', shape: [many, 3], datatype: 'INT8', data: new Array(many * 3).fill(1) }],
		});
		expect(status).toBe(413);
		const gzip = await infer('fruit', 'x', { 'content-encoding': 'gzip' });
		expect(gzip).toMatchObject({ status: 415, json: { error: expect.stringMatching(/packed/) as string } });
		// As tritonclient packs it: the header says how long the JSON object was before.
		const binary = await infer('fruit', 'x', { 'content-encoding': 'deflate', 'inference-header-content-length': '500' });
		expect(binary).toMatchObject({ status: 415, json: { error: expect.stringMatching(/packed/) as string } });
	});

	it('names the row and how many others', async () => {
		const { json } = await infer('price.v2', {
			inputs: [{ name: 'x', shape: [3, 3], datatype: 'BYTES', data: ['1', '2', '3', 'x', '2', '3', '1', 'y', '3'] }],
		});
		expect(json).toMatchObject({
			error: expect.stringMatching(/^Row 2: "a" should be a number, not "x"\. 1 more row has an error, too\./) as string,
			row: 2,
			column: 'a',
		});
	});
});
