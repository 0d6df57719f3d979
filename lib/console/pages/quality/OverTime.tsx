import { Card } from '../../components/Card.js';
import { Chart } from '../../components/Chart.js';
import { lines, type Line } from '../../components/charts/chartOptions.js';
import { momentText } from '../../components/Time.js';
import { number, percent, UNKNOWN } from '../../data/inWords.js';
import type { SeenWindow } from './Monitor.js';

/** Charts of a page: of what decides. */
const MOST = 4;
/** What is only shown has weight 0. */
const isFigure = (f: SeenWindow['findings'][number]): boolean => f.segment === undefined && f.value !== null && f.weight !== 0;

/** How figures went, with their intervals, beside what another monitor (the estimate, the truth) has of them. */
export function OverTime({
	windows,
	name,
	beside,
}: {
	windows: readonly SeenWindow[];
	name: string;
	beside?: { name: string; windows: readonly SeenWindow[] };
}) {
	const inTime = [...windows].reverse();
	const abouts = [...new Set(inTime.flatMap(({ findings }) => findings.filter(isFigure).map(({ about }) => about)))].slice(0, MOST);
	return (
		<>
			{abouts.map((about) => (
				<Figures
					key={about}
					about={about}
					name={name}
					windows={inTime}
					beside={beside && { ...beside, windows: [...beside.windows].reverse() }}
				/>
			))}
		</>
	);
}

const foundIn = (windows: readonly SeenWindow[], about: string) =>
	windows.map((window) => ({
		at: Date.parse(window.from),
		window,
		finding: window.findings.find((f) => f.about === about && f.segment === undefined),
	}));

function lineOf(windows: readonly SeenWindow[], about: string, look: Pick<Line, 'name' | 'tone' | 'dashed'>): Line {
	const found = foundIn(windows, about);
	return {
		...look,
		points: found.map(({ at, finding }) => [at, finding?.value ?? null]),
		...(found.some(({ finding }) => finding?.interval)
			? { band: found.map(({ at, finding }) => [at, finding?.interval?.[0] ?? null, finding?.interval?.[1] ?? null]) }
			: {}),
	};
}

function Figures({
	about,
	windows,
	name,
	beside,
}: {
	about: string;
	windows: readonly SeenWindow[];
	name: string;
	beside?: { name: string; windows: readonly SeenWindow[] };
}) {
	const found = foundIn(windows, about);
	const first = found.find(({ finding }) => finding)!.finding!;
	const format = first.unit === 'share' ? (value: number): string => percent(value) : (value: number): string => number(value);
	const paired = beside && foundIn(beside.windows, about).some(({ finding }) => finding);
	const expected = [...found].reverse().find(({ finding }) => typeof finding?.reference === 'number')?.finding?.reference;
	const alarms = found.filter(({ window }, i) => window.verdict === 'alarm' && found[i - 1]?.window.verdict !== 'alarm');
	const last = [...found].reverse().find(({ finding }) => typeof finding?.value === 'number')?.finding?.value;
	const label = `${first.label} over time: ${windows.length} windows, last ${last == null ? UNKNOWN : format(last)}`;
	return (
		<Card title={first.label} lead="What is shaded is certain to 95 %. The level is what was to be expected.">
			<Chart
				label={label}
				option={lines({
					x: 'time',
					...(first.unit && first.unit !== 'share' ? { unit: first.unit } : {}),
					lines: [
						lineOf(windows, about, { name, tone: 'accent' }),
						...(paired ? [lineOf(beside.windows, about, { name: beside.name, tone: 'neutral' as const, dashed: true })] : []),
					],
					...(typeof expected === 'number' ? { levels: [{ name: 'expected', value: expected }] } : {}),
					moments: alarms.map(({ at }) => ({ name: 'alarm', at, tone: 'bad' as const })),
					format,
				})}
				table={() => ({
					head: ['From', first.label, 'at least', 'at most', ...(paired ? [beside.name] : [])],
					rows: found.map(({ at, window, finding }) => [
						momentText(new Date(at)),
						finding?.value == null ? UNKNOWN : format(finding.value),
						finding?.interval ? format(finding.interval[0]) : UNKNOWN,
						finding?.interval ? format(finding.interval[1]) : UNKNOWN,
						...(paired ? [theirs(beside.windows, about, window.from, format)] : []),
					]),
				})}
			/>
		</Card>
	);
}

function theirs(windows: readonly SeenWindow[], about: string, from: string, format: (value: number) => string): string {
	const value = windows.find((w) => w.from === from)?.findings.find((f) => f.about === about && f.segment === undefined)?.value;
	return value == null ? UNKNOWN : format(value);
}
