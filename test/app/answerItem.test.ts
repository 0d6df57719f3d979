import { answerFields, answerInFront } from '../../lib/app/answerItem.js';
import { rowFields } from '../../nodes/Predict/rowForm.js';
import { withoutReports } from '../../nodes/shared/execute.js';
import { dictionary } from '../../lib/domain/dictionary.js';
import { EVIL_NAMES } from '../evilNames.js';

const model = { name: 'churn', version: 2, digest: 'a' };
const answered = (more: object = {}) => answerFields({ answer: { prediction: 'yes', probability: 0.9, score: [0.9], ...more } }, model, 0);

describe('the answer in front of what came in', () => {
	it('a column that is called like a field of the answer is never read as one, whether the answer has the field or not', () => {
		const row = { warnings: 'none', reasons: 'price', probability: 3, threshold: 7, prediction: 'yes', answeredBy: 'ana', age: 4 };
		expect(answerInFront(answered(), row, row)).toEqual({
			prediction: 'yes',
			probability: 0.9,
			answeredBy: 'churn@2',
			age: 4,
			input_warnings: 'none',
			input_reasons: 'price',
			input_probability: 3,
			input_threshold: 7,
			input_prediction: 'yes',
			input_answeredBy: 'ana',
		});
	});

	it('what the row and its item both hold is there once; of two that differ both are', () => {
		expect(answerInFront(answered(), { prediction: 'no', age: 4 }, { prediction: 'no', age: 5 })).toEqual({
			...answered(),
			input_prediction: 'no',
			age: 4,
			input_age: 5,
		});
		expect(answerInFront(answered(), { prediction: 'no' }, { prediction: 'maybe' })).toMatchObject({
			input_prediction: 'no',
			input_input_prediction: 'maybe',
		});
	});

	it("a second Predict keeps the first one's answer", () => {
		const first = answerInFront(answered(), { age: 4 }, { age: 4 });
		const risk = answerFields({ answer: { prediction: 'no', score: [0.1] } }, { name: 'risk', version: 1, digest: 'b' }, 0);
		const second = answerInFront(risk, first, first);
		expect(second).toEqual({
			prediction: 'no',
			answeredBy: 'risk@1',
			input_prediction: 'yes',
			input_probability: 0.9,
			input_answeredBy: 'churn@2',
			age: 4,
		});
	});

	it('names that mean something in JavaScript, and values that cannot be compared, go on as they are', () => {
		const row = Object.fromEntries(EVIL_NAMES.map((name, i) => [name, i]));
		const all = answerInFront(answered(), row, row);
		for (const [i, name] of EVIL_NAMES.entries()) expect([name, Object.getOwnPropertyDescriptor(all, name)?.value]).toEqual([name, i]);
		let deep: unknown[] = [];
		let other: unknown[] = [];
		for (let i = 0; i < 100_000; i++) [deep, other] = [[deep], [other]];
		expect(Object.keys(answerInFront(answered(), { deep }, { deep: other }))).toEqual(expect.arrayContaining(['deep', 'input_deep']));
	});
});

it("reasons quote the row as it was asked, on one line, and the model's own value where the row has none", () => {
	const found = Object.entries({ paperless: 1, plan: 'standard', 'when (month)': 3, note: null, text: 'x', toString: 2, weight: null });
	const reasons = found.map(([feature, value]) => ({ feature, value, contribution: -0.12345 }));
	const row = { paperless: 'yes', plan: ' ', note: null, weight: 'heavy', text: `a\u001b[31m\n${'long '.repeat(50)}` };
	expect(answerFields({ answer: { prediction: 'yes', score: [1], reasons } }, model, 7, row).reasons).toEqual([
		'paperless = yes: -0.123',
		'plan = standard: -0.123',
		'when (month) = 3: -0.123',
		'note = no value: -0.123',
		expect.stringMatching(/^text = a long .{40,60}…: -0\.123$/),
		'toString = 2: -0.123',
		'weight = no value: -0.123',
	]);
});

const signature = EVIL_NAMES.map((name) => ({ name, type: 'number' as const, role: 'feature' as const, required: true }));

it("the form has a field for each column, whatever its name is, and no example but the model's own", () => {
	const example = dictionary<unknown>([[EVIL_NAMES[0], 5]]);
	const fields = rowFields({ signature, example, seen: [] });
	expect(fields.map((f) => [f.id, f.defaultValue])).toEqual(EVIL_NAMES.map((name, i) => [name, i ? undefined : 5]));
	for (const field of rowFields({ signature, example: {}, seen: [] })) expect(field.defaultValue).toBeUndefined();
});

describe('reports of nodes before', () => {
	const ours = {
		report: { data: '', mimeType: 'text/plain', fileType: 'html' as const },
		fullReport: { data: '', mimeType: 'text/html' },
		chart_roc: { data: '', mimeType: 'image/png' },
	};
	it("do not go on, and a person's own files do, whatever they are called", () => {
		const own = {
			report: { data: '', mimeType: 'application/pdf' },
			chart_of_accounts: { data: '', mimeType: 'image/png' },
			fullReport: { data: '', mimeType: 'text/html' },
		};
		expect(withoutReports({ a: 1 }, own).binary).toEqual(own);
		expect(withoutReports({ report: { html: 'd' }, a: 1 }, { ...ours, photo: own.report })).toEqual({
			json: { a: 1 },
			binary: { photo: own.report },
		});
		// A node between may have left the fields out.
		expect(withoutReports({ a: 1 }, ours)).toEqual({ json: { a: 1 } });
	});
});
