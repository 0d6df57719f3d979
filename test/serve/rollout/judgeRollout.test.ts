import { rolloutRecord, type RolloutRecord } from '../../../lib/domain/rollout.js';
import { armOf, place } from '../../../lib/serve/rollout/arm.js';
import { noCounts, type ArmCounts } from '../../../lib/serve/rollout/counts.js';
import { judge, type Quality } from '../../../lib/serve/rollout/judgeRollout.js';
import { murmurTwice } from '../../../lib/domain/random.js';

const EDGES = [0.001, 0.005, 0.01, 0.05, 0.1];
const START = '2026-01-01T00:00:00.000Z';
const at = (minutes: number): number => Date.parse(START) + minutes * 60_000;

const canary = (more: Partial<RolloutRecord> = {}): RolloutRecord =>
	rolloutRecord.parse({
		id: 'churn-7-8',
		kind: 'canary',
		model: 'churn',
		alias: 'champion',
		stable: 7,
		candidates: [{ version: 8, share: 0.1 }],
		state: 'running',
		steps: [
			{ share: 0.1, answers: 500 },
			{ share: 0.5, minutes: 60 },
		],
		step: 0,
		stepSince: START,
		startedAt: START,
		startedBy: 'ann',
		guards: { minAnswers: 100, errorRate: 0.01, latency: 2, answers: 0.5, alpha: 0.05 },
		...more,
	});
/** Answers in 5 ms with scores of mean 0.4 and deviation 0.2. */
const arm = (rows: number, more: Partial<ArmCounts> = {}): ArmCounts => ({
	...noCounts(EDGES.length + 1),
	requests: rows,
	rows,
	buckets: [0, rows, 0, 0, 0, 0],
	score: 0.4 * rows,
	score2: (0.16 + 0.04) * rows,
	...more,
});
const counts = (stable: ArmCounts, candidate: ArmCounts, name = 'candidate-8') => ({ edges: EDGES, arms: { stable, [name]: candidate } });
const quality = (of: number, than: number, n: number, better: 'higher' | 'lower' = 'higher'): Quality => ({
	metric: { id: 'auc', label: 'AUC', better },
	arms: { 'candidate-8': { value: of, variance: 0.25 / n, n }, stable: { value: than, variance: 0.25 / n, n } },
});

describe('a canary', () => {
	it('goes on, steps when its answers are given, then when its time is over, and is ready after the last step', () => {
		const calm = counts(arm(9_000), arm(499));
		expect(judge(canary(), { counts: calm, now: at(1) })).toMatchObject({
			action: 'continue',
			reason: '499 of 500 answers of this step are given.',
		});
		const more = counts(arm(9_000), arm(500));
		expect(judge(canary(), { counts: more, now: at(1) })).toMatchObject({
			action: 'step',
			reason: 'Its next step gives it 50 % of the callers.',
		});
		const second = canary({ step: 1, stepFrom: 500 });
		const later = counts(arm(9_900), arm(650));
		expect(judge(second, { counts: more, now: at(59) })).toMatchObject({
			action: 'continue',
			reason: 'This step lasts until 2026-01-01T01:00:00Z.',
		});
		// Answers of the step before do not count for this one.
		expect(judge(second, { counts: more, now: at(61) })).toMatchObject({
			action: 'continue',
			reason: 'The time of this step is over, but only 0 of 100 answers are given to judge by.',
		});
		expect(judge(second, { counts: later, now: at(61) })).toMatchObject({ action: 'ready', version: 8 });
	});

	it('does not step by time alone where nobody asked it', () => {
		const timed = canary({ steps: [{ share: 0.1, minutes: 5 }, { share: 1 }] });
		expect(judge(timed, { counts: counts(arm(5_000), arm(7)), now: at(600) })).toMatchObject({
			action: 'continue',
			reason: 'The time of this step is over, but only 7 of 100 answers are given to judge by.',
		});
	});

	it('without time or answers lasts until a person ends the step', () => {
		expect(judge(canary({ steps: [{ share: 0.1 }] }), { counts: counts(arm(5_000), arm(5_000)), now: at(1e6) })).toMatchObject({
			action: 'continue',
		});
	});

	it('is aborted when it fails, however few answers others have', () => {
		const failing = counts(arm(2_000), arm(0, { requests: 100, rowErrors: 60, failed: 40 }));
		expect(judge(canary(), { counts: failing, now: at(0) })).toMatchObject({
			action: 'abort',
			reason: expect.stringContaining('Version 8 failed in 100 % of 100 rows, version 7 in 0 %') as string,
		});
		// No stable answers at all: the candidate has everybody.
		expect(judge(canary(), { counts: counts(arm(0), arm(50, { rowErrors: 60 })), now: at(0) }).action).toBe('abort');
	});

	it('is not aborted for failures that the stable version has as well, nor before enough answers', () => {
		const both = counts(arm(1_800, { rowErrors: 200 }), arm(450, { rowErrors: 50 }));
		expect(judge(canary({ steps: [{ share: 0.1 }] }), { counts: both, now: at(0) }).action).toBe('continue');
		expect(judge(canary(), { counts: counts(arm(2_000), arm(10, { rowErrors: 89 })), now: at(0) }).action).toBe('continue');
	});

	it('goes on where the stable version alone fails, and is aborted while a person is waited for', () => {
		const badStable = counts(arm(100, { rowErrors: 1_900 }), arm(450));
		expect(judge(canary({ steps: [{ share: 0.1 }] }), { counts: badStable, now: at(0) }).action).toBe('continue');
		const waiting = canary({ ready: { at: START, version: 8, reason: 'All steps are done.' }, steps: [{ share: 0.1, answers: 10 }] });
		expect(judge(waiting, { counts: counts(arm(2_000), arm(400, { rowErrors: 100 })), now: at(9) }).action).toBe('abort');
	});

	it('is aborted when it is slow, not when as slow as allowed', () => {
		const slow = (share: number) => arm(400, { buckets: [0, 400 * (1 - share), 0, 400 * share, 0, 0] });
		expect(judge(canary(), { counts: counts(arm(2_000), slow(0.2)), now: at(0) })).toMatchObject({
			action: 'abort',
			reason: expect.stringMatching(/^20 % of version 8's requests took longer than 10 ms, where 1 % may/) as string,
		});
		const asAllowed = arm(400, { buckets: [0, 0, 400, 0, 0, 0] });
		expect(judge(canary(), { counts: counts(arm(2_000), asAllowed), now: at(0) }).action).toBe('continue');
	});

	it('is aborted when its answers lie far away, in either direction', () => {
		for (const mean of [0.65, 0.15]) {
			const far = arm(400, { score: mean * 400, score2: (mean * mean + 0.04) * 400 });
			expect(judge(canary(), { counts: counts(arm(2_000), far), now: at(0) })).toMatchObject({
				action: 'abort',
				findings: expect.arrayContaining([expect.objectContaining({ guard: 'answers', broken: true, limit: 0.5 })]) as unknown[],
			});
		}
		const near = arm(400, { score: 0.45 * 400, score2: (0.45 * 0.45 + 0.04) * 400 });
		expect(judge(canary(), { counts: counts(arm(2_000), near), now: at(0) }).action).toBe('continue');
	});

	it('is aborted when the truth says that it is worse, by more than may be', () => {
		const guards = { minAnswers: 100, quality: 0.05, alpha: 0.05 };
		const sight = (of: number, n: number) => ({ counts: counts(arm(n), arm(n)), quality: quality(of, 0.8, n), now: at(0) });
		expect(judge(canary({ guards }), sight(0.6, 4_000))).toMatchObject({
			action: 'abort',
			reason: expect.stringMatching(
				/^Version 8 is worse: AUC -0\.200 \(95 % confidence sequence -0\.\d+ to -0\.1\d+\) after 8,000 answers$/,
			) as string,
		});
		// Worse, but not surely by more than 0.05; and too few to say.
		expect(judge(canary({ guards }), sight(0.74, 4_000)).action).toBe('step');
		expect(judge(canary({ guards }), sight(0.6, 60)).findings).toEqual([]);
	});

	it('that cannot be loaded is aborted at once, with or without guards', () => {
		expect(
			judge(canary({ guards: undefined }), { counts: counts(arm(9), arm(0)), unloadable: { 8: 'its package is damaged' }, now: at(0) }),
		).toMatchObject({
			action: 'abort',
			reason: 'Version 8 cannot be loaded: its package is damaged',
		});
	});
});

describe('a shadow', () => {
	const shadow = canary({
		kind: 'shadow',
		candidates: [{ version: 8, share: 1 }],
		steps: [{ share: 1, answers: 1_000 }],
		guards: { minAnswers: 100, agreement: 0.9, alpha: 0.05 },
	});
	it('is judged by how often it agrees', () => {
		const seen = (pairs: number, agreeing: number) => counts(arm(5_000), arm(1_000, { pairs, agreeing }), 'shadow-8');
		expect(judge(shadow, { counts: seen(1_000, 960), now: at(0) })).toMatchObject({ action: 'ready', version: 8 });
		expect(judge(shadow, { counts: seen(1_000, 700), now: at(0) })).toMatchObject({
			action: 'abort',
			reason: expect.stringMatching(
				/^70 % of version 8's answers are version 7's: at most 7\d % in the long run, and 90 % must be\.$/,
			) as string,
		});
	});
});

describe('an A/B test', () => {
	const test = canary({
		kind: 'ab',
		candidates: [{ version: 8, share: 0.5 }],
		steps: [{ share: 0.5, answers: 20_000 }],
		guards: undefined,
	});
	const sight = (of: number, n: number, better: 'higher' | 'lower' = 'higher') => ({
		counts: counts(arm(n), arm(n)),
		quality: quality(of, 0.8, n, better),
		now: at(0),
	});
	it('has its answer as soon as one is better, and says it in words', () => {
		expect(judge(test, sight(0.812, 5_000)).action).toBe('continue');
		expect(judge(test, sight(0.9, 5_000))).toMatchObject({
			action: 'ready',
			version: 8,
			reason: expect.stringMatching(
				/^Version 8 is better: AUC \+0\.100 \(95 % confidence sequence 0\.0\d+ to 0\.1\d+\) after 10,000 answers$/,
			) as string,
		});
	});
	it('of an error reads the other way round: lower is better', () => {
		expect(judge(test, sight(0.7, 5_000, 'lower'))).toMatchObject({
			action: 'ready',
			reason: expect.stringMatching(/^Version 8 is better: AUC -0\.100 \(95 % confidence sequence -0\.1\d+ to -0\.0\d+\)/) as string,
		});
	});
	it('ends with the stable version where none is better', () => {
		expect(judge(test, sight(0.801, 20_000))).toMatchObject({ action: 'ready', version: 7 });
	});
	it('of three versions is asked more of each, so that more versions are no more chances', () => {
		const arms = { ...quality(0.86, 0.8, 2_000).arms, 'candidate-9': { value: 0.8, variance: 0.25 / 2_000, n: 2_000 } };
		const three = { ...test, candidates: [...test.candidates, { version: 9, share: 0.2 }] };
		const { results } = judge(three, { ...sight(0.86, 2_000), quality: { ...quality(0.86, 0.8, 2_000), arms } });
		const [alone] = judge(test, sight(0.86, 2_000)).results;
		expect(results).toHaveLength(2);
		expect(results[0].text).toContain('97.5 % confidence sequence');
		expect(results[0].interval.low).toBeLessThan(alone.interval.low);
	});
});

describe('guards together', () => {
	it('end fewer than one in twenty rollouts of two equal versions, looked at after every batch', () => {
		const random = murmurTwice(47);
		const guards = { minAnswers: 50, errorRate: 0, latency: 1, answers: 0.01, alpha: 0.05 };
		const steps = [{ share: 0.2, answers: 1e9 }];
		let ended = 0;
		const experiments = 300;
		for (let e = 0; e < experiments; e++) {
			const arms = [arm(0), arm(0)].map((a) => ({ ...a, buckets: [...a.buckets] }));
			for (let look = 0; look < 25; look++) {
				for (let i = 0; i < 60; i++) {
					const to = arms[random() < 0.2 ? 1 : 0];
					const score = random();
					to.requests++;
					if (random() < 0.03) to.rowErrors++;
					else {
						to.rows++;
						to.score += score;
						to.score2 += score * score;
					}
					to.buckets[random() < 0.004 ? 4 : random() < 0.3 ? 2 : 1]++;
				}
				if (judge(canary({ guards, steps }), { counts: counts(arms[0], arms[1]), now: at(0) }).action === 'abort') {
					ended++;
					break;
				}
			}
		}
		expect(ended / experiments).toBeLessThanOrEqual(0.05);
	});
});

describe('the arm of a caller', () => {
	const division = (share: number) => ({
		id: 'r1',
		kind: 'canary' as const,
		alias: 'champion',
		stable: 7,
		candidates: [{ version: 8, share }],
	});
	const callers = Array.from({ length: 20_000 }, (_, i) => `customer-${i}`);

	it('is the same everywhere and always', () => {
		// As another program would make it: the first 48 bits of SHA-256 over rollout, zero byte, key (Python's hashlib).
		expect(place('r1', 'customer-1')).toBe(0.014131851730017075);
		expect(place('r1', 'Zoë')).toBe(0.21789022610731834);
		expect(armOf(division(0.02), 'customer-1')).toEqual({ version: 8, arm: 'candidate-8' });
		expect(armOf(division(0.01), 'customer-1')).toEqual({ version: 7, arm: 'stable' });
	});

	it('keeps the share within what chance allows, also of ids that count up', () => {
		for (const share of [0.01, 0.1, 0.5, 0.9]) {
			const got = callers.filter((key) => armOf(division(share), key).version === 8).length;
			expect(Math.abs(got - share * callers.length)).toBeLessThan(4 * Math.sqrt(callers.length * share * (1 - share)));
		}
	});

	it('never goes back to the stable version while the share grows', () => {
		let before = new Set<string>();
		for (const share of [0, 0.01, 0.05, 0.2, 0.5, 0.99, 1]) {
			const now = new Set(callers.filter((key) => armOf(division(share), key).version === 8));
			expect([...before].filter((key) => !now.has(key))).toEqual([]);
			before = now;
		}
		expect(before.size).toBe(callers.length);
	});

	it('of one rollout says nothing about another', () => {
		const both = callers.filter((key) => place('r1', key) < 0.5 && place('r2', key) < 0.5).length;
		expect(Math.abs(both - callers.length / 4)).toBeLessThan(4 * Math.sqrt((callers.length * 3) / 16));
	});

	it('of a shadow is the stable version, and the candidate answers as well', () => {
		expect(armOf({ ...division(1), kind: 'shadow' }, 'x')).toEqual({ version: 7, arm: 'stable', shadow: 8 });
	});
});
