import { answerLine, type LineHead } from '../../lib/server/answerLine.js';
import type { Answer } from '../../lib/serve/predictor.js';
import type { Row } from '../../lib/data/frame.js';

const columns = new Set(['plan', 'calls']);
const answer = { prediction: 'yes', score: [0.25] } as unknown as Answer;
const headOf = (n: number): LineHead => ({
	model: `m"${n % 3}`,
	version: n,
	digest: `d${n}`,
	alias: n % 2 ? 'champion' : undefined,
	rollout: n % 5 ? undefined : `r${n}`,
	arm: n % 5 ? undefined : `candidate-${n}`,
	door: n % 7 ? 'own' : 'oip',
	ms: n / 3,
});
const read = (line: string): Record<string, unknown> => JSON.parse(line) as Record<string, unknown>;

it('answers of many models, versions and arms in turn each say their own', () => {
	for (let n = 0; n < 200; n++) {
		// In an order in which some come back at once, some late.
		const which = (n * n) % 23;
		const { ms, ...head } = headOf(which);
		const line = answerLine(
			{ ...head, ms },
			`id-${n}`,
			n % 2 ? { key: 'anna', request: `"r" ${n}` } : {},
			{ plan: 'a\nb', calls: n },
			columns,
			{ answer },
		);
		expect(line.indexOf('\n')).toBe(line.length - 1);
		const { at, ...said } = read(line);
		expect(new Date(at as string).toISOString()).toBe(at);
		expect(said).toEqual(
			JSON.parse(
				JSON.stringify({
					...head,
					id: `id-${n}`,
					key: n % 2 ? 'anna' : undefined,
					request: n % 2 ? `"r" ${n}` : undefined,
					ms: Math.round(ms * 1000) / 1000,
					input: { plan: 'a\nb', calls: n },
					prediction: 'yes',
					score: [0.25],
				}),
			),
		);
	}
});

it('heads that differ in one thing alone are told apart', () => {
	const head = headOf(5);
	const others: LineHead[] = [
		{ ...head, model: 'other' },
		{ ...head, version: 6 },
		{ ...head, digest: 'other' },
		{ ...head, alias: 'other' },
		{ ...head, alias: undefined },
		{ ...head, rollout: 'other' },
		{ ...head, arm: 'stable' },
		{ ...head, door: 'oip' },
	];
	for (const one of [head, ...others, head])
		expect(read(answerLine(one, 'i', {}, {}, columns, { answer }))).toMatchObject(JSON.parse(JSON.stringify({ ...one, ms: 1.667 })));
});

it('of a row the columns of the model are kept, of a refused one also why, and a value that nests too deep costs itself alone', () => {
	let deep: unknown = 1;
	for (let i = 0; i < 200_000; i++) deep = [deep];
	const line = (row: Row): Record<string, unknown> =>
		read(answerLine(headOf(1), 'i', {}, row, columns, { error: { code: 'predict.input_invalid', message: 'no "calls"', details: {} } }));
	expect(line({ plan: 'a', other: 1 } as Row)).toMatchObject({ input: { plan: 'a' }, prediction: null, score: [], error: 'no "calls"' });
	expect(line({ plan: deep, calls: 2 } as unknown as Row).input).toEqual({ plan: null, calls: 2 });
});
