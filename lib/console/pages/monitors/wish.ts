import type { MonitorChange, MonitorRequest } from '../../../app/monitors.js';
import type { WatchId } from '../../../domain/watches.js';
import type { monitor } from '../../../server/console/routes/monitorRoutes.js';
import type { watches } from '../../../server/console/routes/watchRoutes.js';
import type { AnswerOf } from '../../data/api.js';
import { own } from '../../data/own.js';

export type Offered = AnswerOf<typeof watches>;
export type WatchOffered = Offered['watches'][number];
export type Known = AnswerOf<typeof monitor>;

/** What the form holds, as it was typed. */
export interface Wish {
	watch: WatchId;
	/** `alias champion`, or `version 3`. */
	whose: string;
	/** A number of hours, `rows`, or `hours` for a number of hours of their own. */
	window: string;
	hours: string;
	rows: string;
	segments: string[];
	falseAlarms: string;
	everyMinutes: string;
	/** One address a line, or separated by commas. */
	tell: string;
	params: Readonly<Record<string, string>>;
}

export const WINDOWS: ReadonlyArray<readonly [hours: number, words: string]> = [
	[1, 'an hour'],
	[6, 'six hours'],
	[24, 'a day'],
	[168, 'a week'],
];

const textOf = (value: unknown): string => (value === undefined || value === null ? '' : String(value));

/** What is offered to somebody who has not said anything yet. */
export const firstWish = (offered: Offered, { id, hours, fields }: WatchOffered): Wish => ({
	watch: id,
	whose: offered.aliases.length > 0 ? `alias ${offered.aliases[0]}` : `version ${offered.versions[0]}`,
	window: String(hours),
	hours: String(hours),
	rows: '1000',
	segments: [],
	falseAlarms: String(offered.falseAlarms),
	everyMinutes: '',
	tell: '',
	params: Object.fromEntries(fields.map(({ name, fallback }) => [name, textOf(fallback)])),
});

/** A monitor as the form shows it. */
export function wishOf(known: Known, { fields }: WatchOffered): Wish {
	const { watch, alias, version, window, segments, falseAlarmsAYear, everyMinutes, tell = [], params } = known;
	const hours = window.by === 'time' ? window.hours : 24;
	return {
		...{ watch, segments },
		whose: version === undefined ? `alias ${alias}` : `version ${version}`,
		window: window.by === 'rows' ? 'rows' : WINDOWS.some(([usual]) => usual === hours) ? String(hours) : 'hours',
		hours: String(hours),
		rows: String(window.by === 'rows' ? window.rows : 1000),
		falseAlarms: String(falseAlarmsAYear),
		everyMinutes: String(everyMinutes),
		tell: tell.join(', '),
		params: Object.fromEntries(fields.map(({ name, fallback }) => [name, textOf(own(params, name) ?? fallback)])),
	};
}

/** Whether a parameter is asked for, as the others stand. */
export const isAsked = ({ when }: WatchOffered['fields'][number], params: Wish['params']): boolean =>
	!when || when.values.includes(own(params, when.name) ?? '');

function paramsOf(wish: Wish, { fields }: WatchOffered): Record<string, unknown> {
	return Object.fromEntries(
		fields
			.filter((field) => isAsked(field, wish.params))
			.map(({ name, kind }) => [name, kind, own(wish.params, name) ?? ''] as const)
			// An empty number is none: what counts then, the watch says.
			.filter(([, kind, text]) => kind === 'text' || text.trim() !== '')
			.map(([name, kind, text]) => [name, kind === 'number' ? Number(text) : text.trim()]),
	);
}

/** What is sent to make or to change a monitor. */
export function requestOf(wish: Wish, watch: WatchOffered): Omit<MonitorRequest, 'model' | 'watch'> & MonitorChange {
	const { window, hours, rows, segments, falseAlarms, everyMinutes, tell } = wish;
	return {
		window: window === 'rows' ? { by: 'rows', rows: Number(rows) } : { by: 'time', hours: Number(window === 'hours' ? hours : window) },
		segments,
		params: paramsOf(wish, watch),
		false_alarms: Number(falseAlarms),
		...(everyMinutes.trim() ? { every: Number(everyMinutes) } : {}),
		tell: tell.split(/[\s,;]+/).filter(Boolean),
	};
}

/** Whose answers, of a monitor that is made. */
export function whoseOf({ whose }: Wish): { alias: string } | { version: number } {
	const [, kind, name] = /^(alias|version) (.*)$/s.exec(whose)!;
	return kind === 'version' ? { version: Number(name) } : { alias: name };
}
