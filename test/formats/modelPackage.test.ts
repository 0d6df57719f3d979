import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { MlopsError } from '../../lib/domain/errors.js';
import type { ModelManifest } from '../../lib/domain/model.js';
import { readPackage, writePackage } from '../../lib/formats/modelPackage.js';
import type { State, Typed } from '../../lib/formats/state.js';

const manifest: ModelManifest = {
	format: 'n8n-nodes-mlops/model',
	v: 1,
	task: 'binary',
	target: 'late',
	classes: ['no', 'yes'],
	signature: [{ name: 'select "x"; --', type: 'category', role: 'feature', required: true }],
	recipe: { input: [], steps: [], output: [] },
	encoder: { columns: [] },
	learner: { id: 'dummy', params: {} },
	threshold: 0.5,
	trainedAt: '2026-01-01T00:00:00.000Z',
	codeVersion: '0.1.0',
};
const state: State = {
	format: 'dummy',
	version: 1,
	meta: { π: [1, 0.1, null] },
	arrays: { b: Float64Array.of(0.1, NaN, -0, Infinity), a: Uint8Array.of(1, 2, 3), empty: new Int32Array(0), c: Float32Array.of(1.5) },
};
const codeOf = (f: () => unknown): string => {
	try {
		f();
	} catch (e) {
		if (e instanceof MlopsError) return e.code;
		throw e;
	}
	return 'accepted';
};
/** Signs changed bytes again, as someone would who wants them read. */
const sign = (bytes: Uint8Array): Uint8Array => {
	bytes.set(
		createHash('sha256')
			.update(bytes.subarray(0, bytes.length - 32))
			.digest(),
		bytes.length - 32,
	);
	return bytes;
};
const editHeader = (edit: (json: string) => string): Uint8Array => {
	const bytes = writePackage(manifest, state).slice();
	const length = new DataView(bytes.buffer).getUint32(12, true);
	const json = Buffer.from(bytes.subarray(24, 24 + length)).toString();
	const changed = Buffer.from(edit(json).padEnd(json.length));
	if (changed.length !== length) throw new Error('the edit must keep the length');
	bytes.set(changed, 24);
	return sign(bytes);
};

describe('a model package', () => {
	test('comes back as it was, and the same model gives the same bytes', () => {
		const bytes = writePackage(manifest, state);
		const back = readPackage(bytes);
		expect(back.manifest).toEqual(manifest);
		expect(back.state).toEqual(state);
		expect(Object.is(back.state.arrays.b[2], -0)).toBe(true);
		const reordered = { ...state, arrays: Object.fromEntries(Object.entries(state.arrays).reverse()) };
		expect(writePackage(back.manifest, reordered)).toEqual(bytes);
	});

	test('of the second version comes back too; its number is where the first version looks, which then says that the file is newer than itself', () => {
		const bytes = writePackage({ ...manifest, v: 2 }, state);
		expect(readPackage(bytes).manifest).toEqual({ ...manifest, v: 2 });
		// The first version compares this number with 1 before it reads anything else, and refuses by `store.version_newer`.
		expect(new DataView(bytes.buffer).getUint32(8, true)).toBe(2);
		expect(new DataView(writePackage(manifest, state).buffer).getUint32(8, true)).toBe(1);
	});

	test('is read from any position in memory', () => {
		const bytes = writePackage(manifest, state);
		const shifted = new Uint8Array(bytes.length + 3).subarray(3);
		shifted.set(bytes);
		expect(readPackage(shifted).state).toEqual(state);
	});

	test('arrays keep every bit', () => {
		fc.assert(
			fc.property(
				fc.uint8Array({ maxLength: 800 }),
				fc.constantFrom(Float32Array, Float64Array, Int8Array, Uint8Array, Int16Array, Uint16Array, Int32Array, Uint32Array),
				(raw, Type) => {
					const usable = raw.slice(0, raw.length - (raw.length % Type.BYTES_PER_ELEMENT));
					const array: Typed = new Type(usable.buffer);
					const back = readPackage(writePackage(manifest, { ...state, arrays: { array } })).state.arrays.array;
					expect(back).toBeInstanceOf(Type);
					expect(new Uint8Array(back.buffer, back.byteOffset, back.byteLength)).toEqual(usable);
				},
			),
		);
	});

	test('is refused when any one byte is altered', () => {
		const bytes = writePackage(manifest, state);
		for (let i = 0; i < bytes.length; i++) {
			const altered = bytes.slice();
			altered[i] ^= 1 << (i % 8);
			expect(['learn.model_invalid', 'store.digest_mismatch']).toContain(codeOf(() => readPackage(altered)));
		}
	});

	test('is refused when cut anywhere, or when something follows', () => {
		const bytes = writePackage(manifest, state);
		for (let i = 0; i < bytes.length; i++) expect(codeOf(() => readPackage(bytes.subarray(0, i)))).toBe('learn.model_invalid');
		expect(codeOf(() => readPackage(new Uint8Array([...bytes, 0])))).toBe('learn.model_invalid');
	});

	test('is refused when its sizes lie, even if signed again', () => {
		expect(codeOf(() => readPackage(editHeader((j) => j.replace('"length":4', '"length":9'))))).toBe('learn.model_invalid');
		expect(
			codeOf(() => readPackage(editHeader((j) => j.replace(/"offset":(\d)/, (_, d: string) => `"offset":${(Number(d) % 9) + 1}`)))),
		).toBe('learn.model_invalid');
		expect(codeOf(() => readPackage(editHeader((j) => j.replace('"type":"u8"', '"type":"u9"'))))).toBe('learn.model_invalid');
		expect(codeOf(() => readPackage(editHeader((j) => j.replace('"late"', '12345 '))))).toBe('learn.model_invalid');
		expect(codeOf(() => readPackage(editHeader((j) => j.slice(0, -1))))).toBe('learn.model_invalid');
		const long = writePackage(manifest, state).slice();
		new DataView(long.buffer).setUint32(12, 0xffffffff, true);
		expect(codeOf(() => readPackage(sign(long)))).toBe('learn.model_invalid');
		const newer = writePackage(manifest, state).slice();
		new DataView(newer.buffer).setUint32(8, 7, true);
		expect(codeOf(() => readPackage(sign(newer)))).toBe('store.version_newer');
		// A layout that does not fit its manifest: neither this version nor an older one wrote it.
		for (const [v, layout] of [
			[1, 2],
			[2, 1],
			[4, 5],
			[5, 4],
			[6, 5],
			[5, 6],
		] as const) {
			const other = writePackage({ ...manifest, v }, state).slice();
			new DataView(other.buffer).setUint32(8, layout, true);
			expect(codeOf(() => readPackage(sign(other)))).toBe('learn.model_invalid');
		}
	});

	test('says in its layout which reading its rows need, so that an older install refuses what it would misread', () => {
		const layoutOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset).getUint32(8, true);
		const second = writePackage(
			{ ...manifest, v: 2, seen: [{ name: 'select "x"; --', missing: 0.5, levels: { values: ['a'], rows: [3], more: 0 } }] },
			state,
		);
		expect([layoutOf(writePackage(manifest, state)), layoutOf(second)]).toEqual([1, 2]);
		expect(readPackage(second).manifest).toMatchObject({ v: 2, seen: [{ missing: 0.5 }] });
		// One that says 1 and holds 2 was made by nobody.
		const mixed = second.slice();
		new DataView(mixed.buffer).setUint32(8, 1, true);
		expect(codeOf(() => readPackage(sign(mixed)))).toBe('learn.model_invalid');
	});
});
