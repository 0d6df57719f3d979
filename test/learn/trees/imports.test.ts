import fc from 'fast-check';
import { MlopsError } from '../../../lib/domain/errors.js';
import { fromLightgbm } from '../../../lib/learn/trees/import/lightgbm.js';
import { fromXgboost } from '../../../lib/learn/trees/import/xgboost.js';
import { fromState, toState, type Ensemble } from '../../../lib/learn/trees/ensemble.js';
import { treePredictor } from '../../../lib/learn/trees/treePredictor.js';
import { asked, bytesOf, imported, readAs, readModel, refused } from './helpers/imported.js';

const near = (ours: number, theirs: number) => Math.abs(ours - theirs) < 1e-6 * Math.max(1, Math.abs(theirs));
const answers = (model: Ensemble, rows: Float64Array[]): number[][] => {
	const predictor = treePredictor(
		model,
		model.columns.map((c) => c.name),
	);
	return rows.map((row) => {
		const out = new Float64Array(predictor.outputs);
		predictor.row(row, out);
		return Array.from(out);
	});
};

describe.each(imported.map((m) => [m.kind, m.name, m] as const))('%s: %s', (_kind, _name, m) => {
	it('predicts what the original predicts, also after a round through our own state', () => {
		for (const model of [readModel(m), fromState(toState(readModel(m)))]) {
			const ours = answers(model, asked(m));
			ours.forEach((row, i) =>
				row.forEach((v, k) => {
					if (!near(v, m.p[i][k])) throw new Error(`row ${i}, output ${k}: ${v} where the original says ${m.p[i][k]}`);
				}),
			);
			expect(ours.map((row) => row.length)).toEqual(m.p.map((row) => row.length));
		}
	});

	it('gives the same for many rows at once', async () => {
		const model = readModel(m);
		const predictor = treePredictor(
			model,
			model.columns.map((c) => c.name),
		);
		const rows = asked(m);
		const n = rows.length * 40;
		const columns = model.columns.map((c, j) => ({
			name: c.name,
			kind: 'number' as const,
			data: Float64Array.from({ length: n }, (_, i) => rows[i % rows.length][j]),
		}));
		const out = new Float64Array(n * predictor.outputs);
		await predictor.batch({ rows: n, columns }, out, 1);
		expect(out.every((v, i) => near(v, m.p[Math.floor(i / predictor.outputs) % m.p.length][i % predictor.outputs]))).toBe(true);
	});

	if (m.shap) {
		it('explains rows as the original does (TreeSHAP)', () => {
			const model = readModel(m);
			const predictor = treePredictor(
				model,
				model.columns.map((c) => c.name),
			);
			const width = model.columns.length + 1;
			const rows = asked(m);
			m.shap?.forEach((wanted, i) => {
				for (let k = 0; k < model.outputs; k++) {
					const phi = predictor.contributions?.(rows[i], k) ?? [];
					phi.forEach((v, j) => expect(v).toBeCloseTo(wanted[k * width + j], 6));
				}
			});
		});
	}
});

it('covers ten models and more of each', () => {
	for (const kind of ['lightgbm', 'xgboost']) expect(imported.filter((m) => m.kind === kind).length).toBeGreaterThanOrEqual(10);
});

it.each(refused.map((m) => [m.kind, m.name, m] as const))('refuses by name, %s: %s', (_kind, _name, m) => {
	expect(() => readModel(m)).toThrow(m.why);
});

const file = (kind: string, name: string) => bytesOf(imported.find((m) => m.kind === kind && m.name === name)!);

it('says what is wrong with a file', () => {
	const lightgbm = file('lightgbm', 'categories').toString();
	expect(() => fromLightgbm('hello')).toThrow(/does not begin/);
	expect(() => fromLightgbm(lightgbm.slice(0, lightgbm.length / 2))).toThrow(/trees are missing|cut off/);
	expect(() => fromLightgbm(lightgbm.replace('is_linear=0', 'is_linear=1'))).toThrow(/linear leaves/);
	expect(() => fromLightgbm(lightgbm.replace(/left_child=\S+/, 'left_child=0'))).toThrow(/two ways|nowhere/);
	expect(() => fromLightgbm(lightgbm.replace(/split_feature=\S+/, 'split_feature=4'))).toThrow(/does not exist/);
	expect(() => fromLightgbm(lightgbm.replace(/^Tree=2$/m, 'tree=2'))).toThrow(/trees are missing/);
	expect(() => fromLightgbm(lightgbm.replace(/num_tree_per_iteration=\d+/, 'num_tree_per_iteration=999999999'))).toThrow(/no classes/);
	expect(() => fromLightgbm(lightgbm.replace(/max_feature_idx=\d+/, 'max_feature_idx=999999999'))).toThrow(/name each column/);
	expect(() => fromLightgbm(lightgbm.replace(/cat_boundaries=0 \d+ /, 'cat_boundaries=0 99999999999 '))).toThrow(/damaged category split/);
	expect(() => fromLightgbm(lightgbm.replace('objective=binary', 'objective=mine'))).toThrow(/"mine/);
	const xgboost = file('xgboost', 'categories').toString();
	const changed = (change: (learner: Record<string, never>) => unknown) => {
		const model = JSON.parse(xgboost) as { learner: Record<string, never> };
		change(model.learner);
		return () => fromXgboost(Buffer.from(JSON.stringify(model)));
	};
	interface Booster {
		model: { trees: Array<Record<string, number[]>> };
	}
	const tree = (learner: Record<string, never>) => (learner.gradient_booster as Booster).model.trees[0];
	expect(() => fromXgboost(Buffer.from(xgboost.slice(0, 500)))).toThrow(/damaged/);
	expect(changed((l) => Object.assign(l.objective, { name: 'mine:own' }))).toThrow(/mine:own/);
	expect(changed((l) => Object.assign(l.learner_model_param, { num_feature: '999999999' }))).toThrow(/parameters are damaged/);
	expect(changed((l) => Object.assign(l.learner_model_param, { num_class: '999999999' }))).toThrow(/parameters are damaged/);
	expect(
		changed((l) => {
			tree(l).left_children[0] = 0;
		}),
	).toThrow(/two ways/);
	expect(
		changed((l) => {
			tree(l).right_children[0] = 1e6;
		}),
	).toThrow(/nowhere/);
	expect(
		changed((l) => {
			tree(l).split_indices[0] = 4;
		}),
	).toThrow(/does not exist/);
	expect(
		changed((l) => {
			tree(l).categories[0] = 4e9;
		}),
	).toThrow(/do not exist/);
	expect(
		changed((l) => {
			tree(l).categories_sizes[0] = 4e9;
		}),
	).toThrow(/damaged category split/);
	expect(() => fromXgboost(Buffer.concat([Buffer.from('{L'), Buffer.from('7fffffffffffffff', 'hex')]))).toThrow(/cut off or damaged/);
	for (const header of [
		'{i\x01a[$Z#l\x7f\xff\xff\xff',
		'{i\x01a[$[#l\x00\xff\xff\xff',
		'{i\x01a[#d\x7f\xc0\x00\x00',
		'{i\xff',
		`{i\x01a${'['.repeat(1e5)}`,
	])
		expect(() => fromXgboost(Buffer.from(header, 'latin1'))).toThrow(/cut off or damaged/);
});

/** Formats without a checksum cannot show a changed digit of a number: what is still read must be a model that answers with numbers. */
const refusedOrSound = (kind: string, damaged: Buffer, rows: Float64Array[]): 'refused' | 'read' => {
	let model: Ensemble;
	try {
		model = readAs(kind, damaged);
	} catch (error) {
		if (!(error instanceof MlopsError) || error.code !== 'learn.model_invalid') throw error;
		return 'refused';
	}
	for (const row of answers(fromState(toState(model)), rows)) if (row.some(Number.isNaN)) throw new Error('an answer is not a number');
	return 'read';
};

const KINDS = [
	['lightgbm', 'categories'],
	['lightgbm', 'three classes'],
	['lightgbm', 'zero as missing'],
	['xgboost', 'categories'],
	['xgboost', 'one-hot categories'],
	['xgboost', 'dart of classes as UBJSON'],
	['xgboost', 'stopped early, of the scikit-learn interface'],
] as const;

describe.each(KINDS)('damage to %s: %s', (kind, name) => {
	const whole = file(kind, name);
	const model = imported.find((m) => m.kind === kind && m.name === name)!;
	const rows = asked(model)
		.slice(-8)
		.map((row) => row.slice(0, 4));

	it('cut off at any byte, it is refused', () => {
		// What follows LightGBM's trees (importances, parameters) is not read, and no prediction depends on it.
		const end = kind === 'lightgbm' ? whole.indexOf('end of trees') + 'end of trees'.length : whole.lastIndexOf('}') + 1;
		for (let at = 0; at < end; at += at < 400 || at > end - 400 ? 1 : 37)
			expect(`${at} ${refusedOrSound(kind, whole.subarray(0, at), rows)}`).toBe(`${at} refused`);
		expect(refusedOrSound(kind, whole.subarray(0, end), rows)).toBe('read');
	});

	it('with bytes altered, taken out or put in, it is refused or still a sound model', () => {
		const byte = fc.record({
			at: fc.nat(whole.length - 1),
			what: fc.constantFrom('set', 'flip', 'out', 'in', 'repeat'),
			value: fc.oneof(fc.nat(255), fc.constantFrom(...Buffer.from('0123456789-.eE ={}[]"$#LlDdZ\n'))),
		});
		let read = 0;
		fc.assert(
			fc.property(fc.array(byte, { minLength: 1, maxLength: 3 }), (damages) => {
				let damaged = Buffer.from(whole);
				for (const { at, what, value } of damages) {
					const i = Math.min(at, damaged.length - 1);
					if (what === 'set') damaged[i] = value;
					else if (what === 'flip') damaged[i] ^= 1 << (value & 7);
					else if (what === 'out') damaged = Buffer.concat([damaged.subarray(0, i), damaged.subarray(i + 1 + value)]);
					else
						damaged = Buffer.concat([
							damaged.subarray(0, i),
							what === 'in' ? Buffer.of(value) : damaged.subarray(Math.max(0, i - value), i),
							damaged.subarray(i),
						]);
				}
				if (refusedOrSound(kind, damaged, rows) === 'read') read++;
			}),
			{ numRuns: 250, seed: 5 },
		);
		expect(read).toBeLessThan(250);
	});
});
