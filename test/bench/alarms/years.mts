// Simulates years, or days until a change is seen, in a thread of its own; each has a seed of its own, so that it matters not which thread
// does it.
import { parentPort } from 'node:worker_threads';
import { DETECTORS, Watchers, type Detector } from './detectors.mts';
import { COLUMNS, draw, generator, NUMBERS, tables, type Change } from './world.mts';

export interface Setting {
	name: string;
	/** Chunks of the reference, as many rows each as a day. */
	chunks: number;
	rowsADay: number;
}

export interface Shift {
	name: string;
	columns: number;
	numbers?: number;
	share?: number;
}

export type Job = { setting: Setting; seed: number } & ({ kind: 'year'; days: number } | { kind: 'delay'; shift: Shift; most: number });

/** Of a year: alarms that began, days in alarm, columns named. Of a delay: the day, `null` if not by the last one. */
export type Outcome =
	| { kind: 'year'; of: Record<Detector, { begun: number; days: number; columns: number }> }
	| { kind: 'delay'; of: Record<Detector, number | null> };

/** Days before the change, in which ours looks already: in them nobody may be in alarm when it comes. */
const CALM = 10;

function begin({ setting, seed }: Job) {
	const random = generator(seed);
	const usual = tables();
	const reference = Array.from({ length: setting.chunks }, () => draw(usual, setting.rowsADay, random));
	return { random, usual, watchers: new Watchers(reference, setting.rowsADay) };
}

function year(job: Job & { kind: 'year' }): Outcome {
	const { random, usual, watchers } = begin(job);
	const of = Object.fromEntries(DETECTORS.map((d) => [d, { begun: 0, days: 0, columns: 0 }])) as Record<
		Detector,
		{ begun: number; days: number; columns: number }
	>;
	const before = new Set<Detector>();
	for (let day = 0; day < job.days; day++) {
		const says = watchers.see(draw(usual, job.setting.rowsADay, random), job.setting.rowsADay);
		for (const d of DETECTORS) {
			if (says[d].alarm) {
				of[d].days++;
				if (!before.has(d)) of[d].begun++;
				before.add(d);
			} else before.delete(d);
			of[d].columns += says[d].columns;
		}
	}
	return { kind: 'year', of };
}

function delay(job: Job & { kind: 'delay' }): Outcome {
	const { random, usual, watchers } = begin(job);
	const { rowsADay } = job.setting;
	for (let day = 0; day < CALM; day++) watchers.see(draw(usual, rowsADay, random), rowsADay);
	const { numbers = 0, share = 0, columns } = job.shift;
	const [first, count] = numbers > 0 ? [0, NUMBERS] : [NUMBERS, COLUMNS - NUMBERS];
	const chosen = new Set<number>();
	while (chosen.size < columns) chosen.add(first + (random() % count));
	const change: Change = { columns: chosen, numbers, share };
	const after = tables(change);
	const of = Object.fromEntries(DETECTORS.map((d) => [d, null])) as Record<Detector, number | null>;
	for (let day = 1; day <= job.most && DETECTORS.some((d) => of[d] === null); day++) {
		const says = watchers.see(draw(after, rowsADay, random), rowsADay);
		for (const d of DETECTORS) if (says[d].alarm) of[d] ??= day;
	}
	return { kind: 'delay', of };
}

parentPort?.on('message', (job: Job) => parentPort!.postMessage(job.kind === 'year' ? year(job) : delay(job)));
