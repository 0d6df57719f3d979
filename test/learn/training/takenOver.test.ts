import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { trainModel } from '../../../lib/learn/trainModel.js';
import { penguins, specOf, untilTried } from '../penguins.js';

/* A training whose process is killed says nothing more: here it is its progress that nobody hears of any more. */

const QUESTION = 'ab'.repeat(32);
// So much time that no trial is cut short, however busy the machine is: what was cut would not be repeated to the bit.
const spec = specOf({ target: 'Species', learner: 'automatic', timeBudgetSeconds: 3600, question: QUESTION });
const before = process.env.XDG_CACHE_HOME;
let home: string;
let folder: string;

beforeEach(() => {
	home = mkdtempSync(join(tmpdir(), 'trials-'));
	folder = join(home, 'n8n-nodes-mlops');
	process.env.XDG_CACHE_HOME = home;
});
afterEach(() => {
	if (before === undefined) delete process.env.XDG_CACHE_HOME;
	else process.env.XDG_CACHE_HOME = before;
	rmSync(home, { recursive: true, force: true });
});

const trialFiles = (): string[] => readdirSync(folder).filter((name) => name.startsWith('trials-'));

async function killedAfter(trials: number): Promise<void> {
	const context = untilTried(trials);
	const dying = {
		...context,
		progress: (p: Parameters<typeof context.progress>[0]) => {
			if ((p.leaderboard ?? []).filter(({ failed }) => !failed).length >= trials) throw new Error('killed');
		},
	};
	await expect(trainModel(penguins(), spec, dying)).rejects.toThrow('killed');
}

test('a training goes on where one of the same was killed, and gives what it would have given', async () => {
	const whole = await trainModel(penguins(), { ...spec, question: undefined }, untilTried(6));
	await killedAfter(4);
	expect(trialFiles()).toHaveLength(1);
	// Killed once more, amid a line.
	appendFileSync(join(folder, trialFiles()[0]), '\n{"key":"[0,');
	const { package: bytes, run } = await trainModel(penguins(), spec, untilTried(6));
	expect(run.notes.find((n) => n.code === 'learn.trials_taken_over')?.text).toBe(
		'4 trials were taken over from a training of the same that ended before its time.',
	);
	expect(run.leaderboard!.map((r) => [r.learner, r.metrics])).toEqual(whole.run.leaderboard!.map((r) => [r.learner, r.metrics]));
	expect(Buffer.compare(bytes, whole.package)).toBe(0);
	expect(trialFiles()).toEqual([]);
});

test('lines that are not what was written are passed over, and those beside them taken over', async () => {
	await killedAfter(3);
	const file = join(folder, trialFiles()[0]);
	const lines = readFileSync(file, 'utf8').split('\n');
	const changed = lines.at(-1)!.replace(/"scores":"(....)/, (all, four: string) => all.replace(four, four === 'AAAA' ? 'BBBB' : 'AAAA'));
	expect(changed).not.toBe(lines.at(-1));
	writeFileSync(file, [...lines.slice(0, -1), changed, '{}', '7', 'null', '{"key":"x","scores":7}', '\u0000\u0000'].join('\n'));
	const { run } = await trainModel(penguins(), spec, untilTried(4));
	expect(run.notes.find((n) => n.code === 'learn.trials_taken_over')?.text).toMatch(/^2 trials were taken over /);
});

test('another question takes nothing over, and what nobody came back for in three days goes', async () => {
	await killedAfter(2);
	const [left] = trialFiles();
	writeFileSync(join(folder, 'backends-0.json'), '{}');
	const other = { ...spec, seed: 2, question: 'cd'.repeat(32) };
	const { run } = await trainModel(penguins(), other, untilTried(2));
	expect(run.notes.map((n) => n.code)).not.toContain('learn.trials_taken_over');
	expect(trialFiles()).toEqual([left]);
	const days = new Date(Date.now() - 3.1 * 86_400_000);
	utimesSync(join(folder, left), days, days);
	await trainModel(penguins(), other, untilTried(2));
	expect(trialFiles()).toEqual([]);
	expect(readFileSync(join(folder, 'backends-0.json'), 'utf8')).toBe('{}');
});

test('where nothing can be kept, the training goes on and says so', async () => {
	writeFileSync(folder, 'a file where the folder should be');
	const { run } = await trainModel(penguins(), spec, untilTried(3));
	expect(run.leaderboard!.length).toBeGreaterThanOrEqual(3);
	const said = run.notes.filter((n) => n.code === 'learn.trials_unkept');
	expect(said).toHaveLength(1);
	expect(said[0].text).toMatch(/^Were this training's process killed, its trials from here on would have to be made again: /);
});
