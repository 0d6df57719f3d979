import type { Finding, VerdictRecord } from '../../domain/monitor.js';
import { evidenceOf, referenceBound } from './evidence.js';
import { sentenceOf } from './alarmSentence.js';

/** A window that was looked at: a verdict, or as much of one as there is yet. */
export type SeenWindow = Pick<VerdictRecord, 'from' | 'until' | 'findings' | 'reference'> & Partial<Pick<VerdictRecord, 'verdict'>>;

export interface AlarmOptions {
	/** False alarms that may be had in a year. */
	falseAlarmsAYear: number;
	/** How many windows a year has: 365 for days; for windows of rows, as many as there were or will be. */
	windowsAYear: number;
}

/** Something that has changed. */
export interface AlarmCause {
	about: string;
	segment?: string;
	/** Beginning of the first window that shows it. */
	since: string;
	/** Part of the evidence, 0 to 1; together 1. */
	share: number;
	/** Whether it joined in the last window. */
	fresh: boolean;
	/** What was found last. */
	finding: Finding;
}

export interface Alarm {
	/** Whether it is an alarm now, in the last window. */
	alarm: boolean;
	/** The last window raised it, or ended one; both where the reference changed and that is not as before either. */
	raised: boolean;
	ended: boolean;
	/** Beginning of the first window that shows any of the causes. */
	since?: string;
	/** End of the window that raised it. */
	raisedAt?: string;
	/** What matters most first. */
	causes: AlarmCause[];
	/** Windows that counted, since the reference is this one. */
	judged: number;
	/** One sentence; empty where there is no alarm. */
	summary: string;
}

/** What is known of one column, metric or share, of all answers or of a segment. */
interface Track {
	/** Sum over all windows that may have been the first of a change, of the product of e-values from there on (Shiryaev and Roberts). */
	evidence: number;
	/** The greatest of these products, and the window where it begins: an estimate of when the change came. */
	best: number;
	since: string;
	/** Greatest evidence since it became a cause; undefined: it is none. */
	peak: number | undefined;
	fresh: boolean;
	finding: Finding;
}

/** Evidence beyond this says no more. */
const MOST = 1e300;
/**
 * A cause is over when its evidence has fallen to this part of its peak: after six windows in which all is as it was, or some more. Five
 * calm days do not do, so that weekends of another kind are one alarm and not one each.
 */
const OVER = 0.02;
/** Causes that are named without standing out by themselves hold this much of the evidence together. */
const HALF = 0.5;

/**
 * Decides over the windows of one monitor, in their order, whether now is an alarm.
 *
 * Each column, metric and segment has a sum of e-values over all moments when its change may have begun (an e-detector of the Shiryaev-
 * Roberts kind: Shin, Ramdas & Rinaldo (2024), "E-detectors: a nonparametric framework for sequential change detection", NEJSDS 2(2)).
 * Their mean is one again, however they depend on one another, so it is compared with the number of windows in which one false alarm may
 * come: until a false alarm pass at least so many windows on average, for any number of columns and looks.
 *
 * An alarm stays while what caused it lasts, and what joins it is no further one. A cause is over when its evidence has fallen to a
 * fiftieth; when all are, the alarm ends and everything begins anew. Windows that wait for their truth, are missing or could not be judged
 * say nothing, neither for nor against. Another reference begins anew, too.
 */
export class AlarmProcess {
	private readonly limit: number;
	private readonly tracks = new Map<string, Track>();
	private reference: string | undefined;
	private raisedAt: string | undefined;
	private judged = 0;
	private bound = { columns: 0, is: 0 };

	constructor({ falseAlarmsAYear, windowsAYear }: AlarmOptions) {
		if (!(falseAlarmsAYear > 0 && windowsAYear > 0)) throw new RangeError('false alarms and windows a year are above 0');
		// Below two windows a mean of one would be an alarm.
		this.limit = Math.max(2, windowsAYear / falseAlarmsAYear);
	}

	/** Takes the next window and says how things stand after it. */
	see(window: SeenWindow): Alarm {
		const before = this.raisedAt !== undefined;
		for (const track of this.tracks.values()) track.fresh = false;
		if (window.verdict === 'waiting' || window.verdict === 'unknown') return this.state(false, false);
		if (this.reference !== window.reference) this.begin(window.reference);
		const quiet = this.raisedAt === undefined;
		if (this.add(window)) {
			this.judged++;
			if (quiet) this.raise(window);
			else this.follow();
		}
		const alarm = this.raisedAt !== undefined;
		return this.state(quiet && alarm, before && (quiet || !alarm));
	}

	private begin(reference: string | undefined): void {
		this.tracks.clear();
		this.reference = reference;
		this.raisedAt = undefined;
		this.judged = 0;
	}

	/** @returns whether anything in the window could be judged */
	private add({ findings, from }: SeenWindow): boolean {
		const now = new Map<string, Finding>();
		// What is only shown (weight 0) raises nothing.
		for (const finding of findings)
			if (finding.pValue !== undefined && !Number.isNaN(finding.pValue) && finding.weight !== 0) now.set(keyOf(finding), finding);
		if (now.size === 0) return false;
		for (const [key, finding] of now)
			if (!this.tracks.has(key)) this.tracks.set(key, { evidence: 0, best: 0, since: from, peak: undefined, fresh: false, finding });
		if (this.bound.columns !== this.tracks.size) this.bound = { columns: this.tracks.size, is: referenceBound(this.tracks.size) };
		for (const [key, track] of this.tracks) {
			const finding = now.get(key);
			if (!finding) {
				// What is no longer there says nothing, but a cause of which nothing is heard must not stay for ever.
				if (track.peak !== undefined) track.evidence /= 2;
				continue;
			}
			const e = evidenceOf(finding, this.bound.is);
			if (track.best <= 1) track.since = from;
			track.best = Math.min(MOST, Math.max(1, track.best) * e);
			track.evidence = Math.min(MOST, (track.evidence + 1) * e);
			track.finding = finding;
		}
		return true;
	}

	private raise({ until }: SeenWindow): void {
		let sum = 0;
		for (const { evidence } of this.tracks.values()) sum += evidence;
		if (sum < this.limit * this.tracks.size) return;
		this.raisedAt = until;
		const order = this.byEvidence();
		const alone = this.standOut(order);
		let held = 0;
		for (const [i, track] of order.entries()) {
			if (i >= alone && held >= HALF * sum) break;
			held += track.evidence;
			track.peak = track.evidence;
			track.fresh = true;
		}
	}

	/** In an alarm: causes that are over leave, new ones join. */
	private follow(): void {
		let lasting = 0;
		for (const track of this.tracks.values()) {
			if (track.peak === undefined) continue;
			track.peak = Math.max(track.peak, track.evidence);
			if (track.evidence > track.peak * OVER) lasting++;
			else Object.assign(track, { evidence: 0, best: 0, peak: undefined });
		}
		if (lasting === 0) {
			this.raisedAt = undefined;
			for (const track of this.tracks.values()) Object.assign(track, { evidence: 0, best: 0 });
			return;
		}
		const order = this.byEvidence();
		for (const track of order.slice(0, this.standOut(order))) {
			if (track.peak !== undefined) continue;
			track.peak = track.evidence;
			track.fresh = true;
		}
	}

	private byEvidence(): Track[] {
		return [...this.tracks.values()].sort((a, b) => b.evidence - a.evidence || (keyOf(a.finding) < keyOf(b.finding) ? -1 : 1));
	}

	/** How many stand out by themselves: the procedure e-BH of Wang & Ramdas (2022), JRSS B 84(3), at the level of the alarm. */
	private standOut(order: readonly Track[]): number {
		for (let rank = order.length; rank > 0; rank--) if (rank * order[rank - 1].evidence >= this.limit * order.length) return rank;
		return 0;
	}

	private state(raised: boolean, ended: boolean): Alarm {
		if (this.raisedAt === undefined) return { alarm: false, raised, ended, causes: [], judged: this.judged, summary: '' };
		const causes = causesOf([...this.tracks.values()].filter((t) => t.peak !== undefined));
		const [since] = causes.map((c) => c.since).sort();
		return {
			alarm: true,
			raised,
			ended,
			since,
			raisedAt: this.raisedAt,
			causes,
			judged: this.judged,
			summary: sentenceOf(causes, since),
		};
	}
}

/** NUL cannot be in a name. */
const keyOf = ({ about, segment }: Finding): string => (segment === undefined ? about : `${about}\0${segment}`);

function causesOf(tracks: readonly Track[]): AlarmCause[] {
	const weights = tracks.map((t) => Math.log1p(t.evidence));
	const total = weights.reduce((a, b) => a + b, 0) || 1;
	return tracks
		.map(({ finding, since, fresh }, i): AlarmCause => {
			const { about, segment } = finding;
			return { about, ...(segment === undefined ? {} : { segment }), since, share: weights[i] / total, fresh, finding };
		})
		.sort(
			(a, b) => (b.finding.weight ?? 0) - (a.finding.weight ?? 0) || b.share - a.share || (keyOf(a.finding) < keyOf(b.finding) ? -1 : 1),
		);
}

/**
 * `AlarmProcess` over a history: its windows in any order (of one window twice, the later one counts), all of them for the same answer.
 * Years of daily windows of hundreds of columns take milliseconds.
 */
export function alarmOver(history: readonly SeenWindow[], options: AlarmOptions): Alarm {
	const process = new AlarmProcess(options);
	const windows = new Map(history.map((w) => [w.from, w]));
	let last: Alarm = { alarm: false, raised: false, ended: false, causes: [], judged: 0, summary: '' };
	for (const window of [...windows.values()].sort((a, b) => (a.from < b.from ? -1 : 1))) last = process.see(window);
	return last;
}
