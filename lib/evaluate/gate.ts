import { own } from '../domain/dictionary.js';
import type { Comparison, GateResult, GateRule, Interval } from '../domain/evaluation.js';
import type { MetricValues } from '../domain/run.js';
import { metricById } from '../task/metrics/index.js';
import { CHANCE_LEVEL } from './enough.js';

export interface GateInput {
	metrics: Record<string, Interval>;
	baseline: MetricValues;
	/** Comparisons with the champion by metric; `undefined` where there is no champion. */
	comparisons?: ReadonlyMap<string, Comparison>;
	/** Which rows are judged, in words. */
	judged?: string;
	/** Why the rows are too few to judge by these metrics, if they are. */
	tooFew?(metrics: readonly string[]): string | undefined;
	/**
	 * How often labels dealt out at random do as well (one-sided p-value); undefined where the interval says enough. Asked only where a rule
	 * hangs on it.
	 */
	chance?(metric: string, higherIsBetter: boolean): number | undefined;
}

/**
 * Least gain over guessing, and greatest loss against the champion, in the unit of a metric from 0 to 1, or as a share of the other's
 * value.
 */
const GAIN = 0.01;
const LOSS = 0.002;
const bounded = (id: string): boolean => {
	const metric = metricById(id);
	return metric?.better === 'higher' && metric.range[1] === 1;
};

/** The rules where a person gave none: better than guessing, and, if there is a champion, not worse than it. */
export function defaultRules(primary: string, { baseline, comparisons }: GateInput): GateRule[] {
	const scale = (other: number | undefined): number => (bounded(primary) ? 1 : Math.abs(other ?? 0));
	const rules: GateRule[] = [{ metric: primary, kind: 'baseline', value: GAIN * scale(baseline[primary]) }];
	if (comparisons) rules.push({ metric: primary, kind: 'champion', value: -LOSS * scale(comparisons.get(primary)?.theirs) });
	return rules;
}

/**
 * Judges an evaluation. Where rows are too few for that, it does not pass, whatever the rules; `min` and `max` compare the value itself
 * with the limit. `baseline`: better by at least `value`, and the whole interval is better than guessing, and not a thing that labels at
 * random give just as often; of many rows, where those are not asked, the interval at the gate's level. `champion`, `value` >= 0: better
 * by at least `value` and surely so (interval above 0); `value` < 0: not surely worse by more than `-value`. Without a champion that rule
 * passes.
 */
export function gate(rules: readonly GateRule[], input: GateInput): GateResult {
	const tooFew = input.tooFew?.(rules.map((rule) => rule.metric));
	const judged = input.judged === undefined ? {} : { judged: input.judged };
	if (tooFew) return { passed: false, refused: true, ...judged, reasons: [{ passed: false, text: tooFew }] };
	const reasons = rules.map((rule) => judge(rule, input));
	return { passed: reasons.every((r) => r.passed), ...judged, reasons };
}

type Reason = GateResult['reasons'][number];
const figure = (x: number): string => x.toLocaleString('en-US', { maximumSignificantDigits: 4 });

function judge(rule: GateRule, { metrics, baseline, comparisons, chance }: GateInput): Reason {
	const known = metricById(rule.metric);
	const label = known?.label ?? rule.metric;
	const ours = own(metrics, rule.metric);
	if (!ours) return { passed: false, text: `${label} has no value on the test rows, so its rule cannot be met.` };
	const higher = known?.better !== 'lower';
	if (rule.kind === 'min' || rule.kind === 'max') {
		const passed = rule.kind === 'min' ? ours.value >= rule.value : ours.value <= rule.value;
		return {
			passed,
			text:
				`${label} is ${figure(ours.value)}, ` +
				`${passed ? (rule.kind === 'min' ? 'at least' : 'at most') : rule.kind === 'min' ? 'below the required' : 'above the allowed'} ` +
				`${figure(rule.value)}.`,
		};
	}
	return rule.kind === 'baseline'
		? againstBaseline(rule, label, ours, baseline[rule.metric], higher, () => chance?.(rule.metric, higher))
		: againstChampion(rule, label, comparisons);
}

/** Quantiles of the normal distribution: the gate's one-sided level, and that of a 95 % interval's ends. */
const WIDER = 2.241_402_727_604_947 / 1.959_963_984_540_054;

/** A 95 % interval, each end moved out to the level of the gate. */
const atGateLevel = ({ value, low, high }: Interval): { low: number; high: number } => ({
	low: value - WIDER * (value - low),
	high: value + WIDER * (high - value),
});

function againstBaseline(
	rule: GateRule,
	label: string,
	ours: Interval,
	theirs: number | undefined,
	higher: boolean,
	chance: () => number | undefined,
): Reason {
	if (theirs === undefined) return { passed: false, text: `${label} has no value for guessing, so the two cannot be compared.` };
	const gain = higher ? ours.value - theirs : theirs - ours.value;
	const luck = (share: string, { low, high }: Omit<Interval, 'value'>): Reason => ({
		passed: false,
		text: `${said}: better, but with so few test rows that may be luck (${share} interval ${figure(low)} to ${figure(high)}).`,
	});
	const above = ({ low, high }: Omit<Interval, 'value'>): boolean => (higher ? low > theirs : high < theirs);
	const said = `${label} is ${figure(ours.value)}, guessing gives ${figure(theirs)}`;
	if (gain < rule.value || gain <= 0)
		return { passed: false, text: `${said}: ${gain <= 0 ? 'no better' : `not better by the required ${figure(rule.value)}`}.` };
	if (!above(ours)) return luck('95 %', ours);
	const p = chance();
	// Of many rows the interval alone decides; it is near enough to a normal one then.
	if (p === undefined && !above(atGateLevel(ours))) return luck('97.5 %', atGateLevel(ours));
	if (p !== undefined && p > CHANCE_LEVEL)
		return {
			passed: false,
			text:
				`${said}: better, but answers dealt out to these rows at random do as well in more than ${figure(100 * CHANCE_LEVEL)} ` +
				`of 100 tries, so that may be luck.`,
		};
	return { passed: true, text: `${said}: better.` };
}

function againstChampion(rule: GateRule, label: string, comparisons: ReadonlyMap<string, Comparison> | undefined): Reason {
	if (!comparisons) return { passed: true, text: 'There is no champion yet to beat.' };
	const c = comparisons.get(rule.metric);
	if (!c) return { passed: false, text: `${label} could not be compared with the champion on the same rows.` };
	const { value, low, high } = c.difference;
	const said = `${label} is ${figure(c.ours)}, ${c.against} has ${figure(c.theirs)} on the same ${c.rows.toLocaleString('en-US')} rows`;
	if (rule.value < 0) {
		const worse = value < rule.value && high < 0;
		return {
			passed: !worse,
			text: worse
				? `${said}: worse by ${figure(-value)}, more than ${figure(-rule.value)}.`
				: `${said}: ${value >= 0 ? 'not worse' : 'not worse by more than chance or the margin'}.`,
		};
	}
	if (value <= 0) return { passed: false, text: `${said}: no better.` };
	if (value < rule.value)
		return { passed: false, text: `${said}: better by ${figure(value)}, less than the required ${figure(rule.value)}.` };
	if (low <= 0) return { passed: false, text: `${said}: better by ${figure(value)}, but that may be luck (p = ${figure(c.pValue)}).` };
	return { passed: true, text: `${said}: better by ${figure(value)} (95 % interval ${figure(low)} to ${figure(high)}).` };
}
