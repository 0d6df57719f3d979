// What the simulation found, as tables of lib/monitor/README.md.
import fs from 'node:fs';
import path from 'node:path';
import { DETECTORS, type Detector } from './detectors.mts';
import type { Setting, Shift } from './years.mts';

interface Years {
	setting: Setting;
	years: Array<Record<Detector, { begun: number; days: number; columns: number }>>;
}

interface Delays {
	setting: Setting;
	shift: Shift;
	days: Array<Record<Detector, number | null>>;
}

export interface Found {
	years: Years[];
	delays: Delays[];
}

const NAMES: Record<Detector, string> = {
	ours: 'Alarms here',
	'evidently dataset': 'Evidently, dataset drift',
	'evidently columns': 'Evidently, any column',
	nannyml: 'NannyML, any column',
};

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const figure = (x: number): string => (x >= 100 ? x.toFixed(0) : x >= 10 ? x.toFixed(1) : x.toFixed(x > 0 && x < 0.1 ? 3 : 2));
const settingText = ({ chunks, rowsADay }: Setting): string =>
	`${rowsADay.toLocaleString('en')} rows a day against ${(chunks * rowsADay).toLocaleString('en')} of reference`;

function yearsTable({ setting, years }: Years): string {
	const of = (d: Detector, what: 'begun' | 'days' | 'columns'): string =>
		figure(years.reduce((sum, y) => sum + y[d][what], 0) / years.length);
	const without = (d: Detector): string => `${figure((100 * years.filter((y) => y[d].begun === 0).length) / years.length)} %`;
	return [
		`${years.length.toLocaleString('en')} years of ${settingText(setting)}; nothing changes:`,
		'',
		row(['A year', 'alarms that begin', 'days in alarm', 'columns in alarm, each day counted', 'years without one']),
		row(['---', '---:', '---:', '---:', '---:']),
		...DETECTORS.map((d) => row([NAMES[d], of(d, 'begun'), of(d, 'days'), of(d, 'columns'), without(d)])),
	].join('\n');
}

/** Ranks (from 0) between which the median of as many draws lies with a chance of at least 95 %, whatever they are drawn from. */
function medianRanks(n: number): [low: number, high: number] {
	let chance = 0.5 ** n;
	let outside = 0;
	let low = 0;
	// Binomial with p = 1/2: the chance that at most `low` draws lie below the median.
	while (outside + chance <= 0.025) {
		outside += chance;
		low++;
		chance *= (n - low + 1) / low;
	}
	return [Math.max(0, low - 1), Math.min(n - 1, n - low)];
}

/** Where our own half is not known to the day, between which days it lies. */
function intervalsText(all: readonly Delays[]): string {
	const word = (d: number): string => (d === Infinity ? 'never' : `day ${d}`);
	const open = all.flatMap(({ shift, days }) => {
		const sorted = days.map((of) => of.ours ?? Infinity).sort((a, b) => a - b);
		const [from, to] = medianRanks(sorted.length).map((rank) => sorted[rank]);
		return from === to ? [] : [`${shift.name} of ${shift.columns}: ${word(from)} to ${word(to)}`];
	});
	const within = open.length > 0 ? `within ${open.join('; ')}; elsewhere it is ` : '';
	return `The half of the alarms here lies, at 95 % (ranks of the trials), ${within || 'on '}the day shown.`;
}

function delaysTable(all: readonly Delays[], mostDays: number): string {
	const cell = (days: ReadonlyArray<number | null>): string => {
		const sorted = days.map((d) => d ?? Infinity).sort((a, b) => a - b);
		const at = (share: number): string => {
			const d = sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
			return d === Infinity ? 'never' : String(d);
		};
		return at(0.5) === at(0.9) ? at(0.5) : `${at(0.5)} (${at(0.9)})`;
	};
	return [
		`Days until a change is seen, ${settingText(all[0].setting)}: half of ${all[0].days.length} times by then (nine of ten); ` +
			`never: not within ${mostDays} days. Where a peer is in alarm on most days anyway, it also is on the first.`,
		'',
		row(['Change', 'of', ...DETECTORS.map((d) => NAMES[d])]),
		row(['---', '---', ...DETECTORS.map(() => '---:')]),
		...all.map(({ shift, days }) =>
			row([
				shift.numbers ? `mean by ${shift.name}` : `${shift.name} of the rows to another category`,
				`${shift.columns} column${shift.columns > 1 ? 's' : ''}`,
				...DETECTORS.map((d) => cell(days.map((of) => of[d]))),
			]),
		),
		'',
		intervalsText(all),
	].join('\n');
}

export function pageText({ years, delays }: Found, mostDays: number): string {
	const settings = [...new Set([...years, ...delays].map((x) => x.setting.name))];
	return settings
		.flatMap((setting) => [
			...years.filter((y) => y.setting.name === setting).map(yearsTable),
			...(delays.some((d) => d.setting.name === setting)
				? [
						delaysTable(
							delays.filter((d) => d.setting.name === setting),
							mostDays,
						),
					]
				: []),
		])
		.join('\n\n');
}

const BEGIN = '<!-- simulate:alarms -->';
const END = '<!-- /simulate:alarms -->';

export function writePage(text: string): void {
	const file = path.resolve(import.meta.dirname, '../../../lib/monitor/README.md');
	const page = fs.readFileSync(file, 'utf8');
	const from = page.indexOf(BEGIN);
	const to = page.indexOf(END);
	if (from < 0 || to < from) throw new Error(`${file} has no place for the tables: ${BEGIN} ... ${END}`);
	fs.writeFileSync(file, `${page.slice(0, from + BEGIN.length)}\n\n${text}\n\n${page.slice(to)}`);
}
