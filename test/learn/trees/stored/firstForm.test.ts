import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPackage, writePackage } from '../../../../lib/formats/modelPackage.js';
import { ensembleState, type Member } from '../../../../lib/learn/ensemble/ensembleLearner.js';
import { fromState, toState } from '../../../../lib/learn/trees/ensemble.js';
import type { State } from '../../../../lib/formats/state.js';
import { createPredictor } from '../../../../lib/serve/predictor.js';

const FILES = join(__dirname, '../../../fixtures/treesFirstForm');
const { rows, answers } = JSON.parse(readFileSync(join(FILES, 'answers.json'), 'utf8')) as {
	rows: Array<Record<string, unknown>>;
	answers: Record<string, unknown[]>;
};
const answersOf = async (bytes: Uint8Array): Promise<unknown> => {
	const predictor = await createPredictor(bytes, '');
	return JSON.parse(JSON.stringify(rows.map((row) => predictor.answer(row, 3))));
};

/** The trees of a state, of its members where it has some, written as today. */
function writtenAnew(state: State): State {
	const { columns, outputs, calibration, members } = state.meta as Record<string, never> & {
		members?: Array<Omit<Member, 'state'> & State>;
	};
	if (!members) {
		const meta = { ...state.meta };
		const written = toState(fromState(state), meta);
		const others = Object.entries(state.arrays).filter(([name]) => name.startsWith('rows'));
		return { ...written, arrays: { ...written.arrays, ...Object.fromEntries(others) } };
	}
	const anew = members.map(({ format, version, meta, ...member }, m) => {
		const own = Object.entries(state.arrays).filter(([name]) => name.startsWith(`${m}/`));
		const arrays = Object.fromEntries(own.map(([name, array]) => [name.slice(`${m}/`.length), array]));
		return { ...member, state: writtenAnew({ format, version, meta, arrays }) };
	});
	return ensembleState(columns, outputs, anew, calibration);
}

it.each(Object.keys(answers))(
	'a package from before (%s) answers and tells its reasons as it did, and so does one written anew',
	async (name) => {
		const bytes = readFileSync(join(FILES, `${name}.mlopsmodel`));
		const { manifest, state } = readPackage(bytes);
		expect(manifest.v).toBeLessThan(4);
		expect(await answersOf(bytes)).toEqual(answers[name]);
		const anew = writePackage({ ...manifest, v: 6 }, writtenAnew(state));
		expect(anew.length).toBeLessThan(bytes.length);
		expect(await answersOf(anew)).toEqual(answers[name]);
	},
);
