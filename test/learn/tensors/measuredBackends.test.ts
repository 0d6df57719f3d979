import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { KINDS } from '../../../lib/learn/tensors/backendCosts.js';
import { BackendMemory } from '../../../lib/learn/tensors/backendMemory.js';
import { chooseBackend, WORTH_A_LOOK } from '../../../lib/learn/tensors/chooseBackend.js';
import { candidates, measuredBackends } from '../../../lib/learn/tensors/measuredBackends.js';
import { openBackend } from '../../../lib/learn/tensors/tensorBackends.js';
import { quietContext } from '../fitting.js';

let folder: string;
let memory: BackendMemory;
const before = process.env['XDG_CACHE_HOME'];
beforeEach(async () => {
	folder = await fs.mkdtemp(path.join(os.tmpdir(), 'mlops-measured-'));
	process.env['XDG_CACHE_HOME'] = folder;
	memory = new BackendMemory();
});
afterEach(async () => {
	if (before === undefined) delete process.env['XDG_CACHE_HOME'];
	else process.env['XDG_CACHE_HOME'] = before;
	await fs.rm(folder, { recursive: true, force: true });
});

const daysAgo = (days: number): string => new Date(Date.now() - days * 24 * 3_600_000).toISOString();

test('each backend is measured once, at each kind of work when it is first asked for, and leaves no tensor', async () => {
	const { tf } = await openBackend('wasm');
	const tensors = tf.memory().numTensors;
	const first = await measuredBackends(['wasm', 'cpu'], ['plain', 'plainAnswers'], memory);
	expect(first).toEqual({ measured: [expect.objectContaining({ id: 'wasm' }), expect.objectContaining({ id: 'cpu' })], unusable: [] });
	for (const { costs, open } of first.measured) {
		expect(costs.map(({ kind }) => kind).sort()).toEqual(['plain', 'plainAnswers']);
		for (const { step, operation } of costs) expect(step + operation).toBeGreaterThan(0);
		expect(open).toBeGreaterThanOrEqual(0);
	}
	// Remembered by whoever comes next.
	expect(await measuredBackends(['wasm', 'cpu'], ['plain'], new BackendMemory())).toEqual(first);
	const more = await measuredBackends(['wasm'], KINDS, memory);
	expect(more.measured[0].open).toBeGreaterThanOrEqual(first.measured[0].open);
	expect(more.measured[0].costs).toEqual(expect.arrayContaining(first.measured[0].costs));
	expect(more.measured[0].costs.map(({ kind }) => kind).sort()).toEqual([...KINDS].sort());
	expect(tf.memory().numTensors).toBe(tensors);
	expect(await fs.readdir(path.dirname(memory.file))).toEqual([path.basename(memory.file)]);
	expect(JSON.parse(await fs.readFile(memory.file, 'utf8'))).toMatchObject({ format: 1, machine: { node: process.version } });
});

test('a file that cannot be read is measured anew, and written whole', async () => {
	await fs.mkdir(path.dirname(memory.file), { recursive: true });
	for (const broken of ['{"format":1,"backends":[{"id":"wasm"', '{"format":99}', '']) {
		await fs.writeFile(memory.file, broken);
		const { measured } = await measuredBackends(['wasm'], ['plainAnswers'], memory);
		expect(measured).toEqual([expect.objectContaining({ id: 'wasm' })]);
		expect(await memory.read()).toEqual([{ state: 'measured', ...measured[0] }]);
	}
});

test('several that write at once leave a file that can be read', async () => {
	const entries = Array.from({ length: 20 }, (_, i) => ({ state: 'failed', id: 'webgpu', at: daysAgo(0), why: String(i) }) as const);
	expect(await Promise.all(entries.map((entry) => new BackendMemory().put(entry)))).toEqual(entries.map(() => undefined));
	expect(await memory.read()).toEqual([expect.objectContaining({ id: 'webgpu' })]);
	expect(await fs.readdir(path.dirname(memory.file))).toEqual([path.basename(memory.file)]);
});

test('what could not be measured is not tried again for a week, nor what never ended, unless somebody asks', async () => {
	await memory.put({ state: 'failed', id: 'cpu', at: daysAgo(6), why: 'its driver is gone' });
	expect(await measuredBackends(['cpu'], ['plainAnswers'], memory)).toEqual({
		measured: [],
		unusable: [{ id: 'cpu', why: 'its driver is gone' }],
	});
	await memory.put({ state: 'failed', id: 'cpu', at: daysAgo(8), why: 'its driver is gone' });
	expect((await measuredBackends(['cpu'], ['plainAnswers'], memory)).measured).toHaveLength(1);
	await memory.put({ state: 'begun', id: 'cpu', at: daysAgo(8) });
	expect((await measuredBackends(['cpu'], ['plainAnswers'], memory)).measured).toHaveLength(1);
	await memory.put({ state: 'begun', id: 'cpu', at: daysAgo(1) });
	const [{ why }] = (await measuredBackends(['cpu'], ['plainAnswers'], memory)).unusable;
	expect(why).toMatch(/never ended: it may have ended its process\. "mlops doctor --measure" tries again/);
	expect(await memory.clear()).toBeUndefined();
	expect((await measuredBackends(['cpu'], ['plainAnswers'], memory)).measured).toHaveLength(1);
});

test('what another process is measuring now is left to it', async () => {
	await memory.put({ state: 'begun', id: 'cpu', at: daysAgo(0) });
	expect((await measuredBackends(['cpu'], ['plain'], memory)).unusable).toEqual([
		{ id: 'cpu', why: 'The backend "cpu" is being measured by another process.' },
	]);
});

test('where nothing can be written it is measured all the same, and said', async () => {
	const file = path.join(folder, 'file');
	await fs.writeFile(file, '');
	const known = await measuredBackends(['cpu'], ['plainAnswers'], new BackendMemory(path.join(file, 'below')));
	expect(known.measured).toHaveLength(1);
	expect(known.forgotten).toMatch(/ENOTDIR|not a directory/);
});

describe('Automatic', () => {
	const large = { kind: 'plain', steps: 1000, operations: 100 * WORTH_A_LOOK } as const;

	test('measures for large work alone, once, and says what it chose and what cannot be used', async () => {
		const context = quietContext();
		const small = await chooseBackend('auto', { ...large, operations: WORTH_A_LOOK / 10 }, context);
		expect(small.backend.id).toBe('wasm');
		expect(await memory.read()).toEqual([]);
		const { backend, why } = await chooseBackend('auto', large, context);
		const known = await memory.read();
		// What is installed differs from machine to machine; each of it was tried, and has its word.
		const usable = known.filter(({ id, state }) => id !== 'wasm' && state === 'measured');
		expect(known.map(({ id }) => id).sort()).toEqual([...candidates(), ...(usable.length ? ['wasm'] : [])].sort());
		for (const one of known) expect(why).toContain(one.state === 'failed' ? one.why : one.id);
		if (usable.length === 0) expect(backend.id).toBe('wasm');
		expect(await chooseBackend('auto', large, context)).toEqual({ backend, why });
		expect(await memory.read()).toEqual(known);
	}, 120_000);

	test('takes what was asked for, whatever was measured', async () => {
		expect(await chooseBackend('cpu', large, quietContext())).toMatchObject({ backend: { id: 'cpu' }, why: 'as was asked for' });
		expect(await memory.read()).toEqual([]);
	});
});
