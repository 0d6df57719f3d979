import { compileFunction } from 'node:vm';
import { transformSync } from 'esbuild';
import { deferImports } from '../../scripts/build/deferImports.mts';

/** Compiles and runs a module whose imports are found in `modules`; tells which of them were loaded, in order. */
function load(source: string, modules: Record<string, object>) {
	const code = deferImports(transformSync(source, { format: 'cjs', loader: 'ts' }).code);
	const loaded: string[] = [];
	const module = { exports: {} as Record<string, (...args: unknown[]) => unknown> };
	const require = (name: string) => {
		loaded.push(name);
		return modules[name];
	};
	compileFunction(code, ['module', 'exports', 'require'])(module, module.exports, require);
	return { exports: module.exports, loaded };
}

describe('imports that wait until they are used', () => {
	const modules = { './a.js': { one: 1, twice: (value: number) => 2 * value, list: [1, 2] }, './b.js': { __esModule: true, default: 'b' } };

	it('load nothing when the module is loaded, and each import once when it is first used', () => {
		const source = "import { twice, one } from './a.js'; export const run = () => twice(one) + twice(one);";
		const { exports, loaded } = load(source, modules);
		expect(loaded).toEqual([]);
		expect([exports.run(), exports.run()]).toEqual([4, 4]);
		expect(loaded).toEqual(['./a.js']);
	});

	it('work in spreads, templates, default imports and conditions', () => {
		const source = `import { list, one } from './a.js'; import b from './b.js'; export const run = () => [...list, \`\${one}\`, b, one ? -one : 0];`;
		expect(load(source, modules).exports.run()).toEqual([1, 2, '1', 'b', -1]);
	});

	it('are re-exported without being loaded', () => {
		const { exports, loaded } = load("export { one } from './a.js';", modules);
		expect(loaded).toEqual([]);
		expect(exports.one).toBe(1);
	});

	it('load at once when the module needs them at once', () => {
		const { exports, loaded } = load("import { one } from './a.js'; export const two = one + 1;", modules);
		expect(loaded).toEqual(['./a.js']);
		expect(exports.two).toBe(2);
	});

	it('load at once when the whole module is passed on', () => {
		const { exports, loaded } = load("import * as a from './a.js'; export const all = () => Object.keys(a);", modules);
		expect(loaded).toEqual(['./a.js']);
		expect(exports.all()).toEqual(expect.arrayContaining(['one', 'twice', 'list']));
	});

	it('load at once when imported for their effects', () => {
		expect(load("import './a.js';", modules).loaded).toEqual(['./a.js']);
	});

	it('leave properties of the same name alone', () => {
		const source = "import { one } from './a.js'; export const run = (value: { import_a: number }) => value.import_a + one;";
		expect(load(source, modules).exports.run({ import_a: 5 })).toBe(6);
	});
});
