import { z } from 'zod/v4';
import { dictionary, dictionaryOf } from '../domain/dictionary.js';
import { MlopsError } from '../domain/errors.js';
import { MONITOR_STATES, monitorWindow, watchId, type MonitorRecord } from '../domain/monitor.js';
import { WATCHES, type WatchId } from '../domain/watches.js';
import type { Store, StoredRecord, Transactional } from '../store/contract.js';
import { instant } from '../store/log/lines.js';
import { checkedRequest } from './calls/checkedRequest.js';
import { emailAddresses } from './emailAddresses.js';
import { afterEnd } from './incidentCauses.js';
import { windowStart } from './monitorWindows.js';
import { newestRecords } from './newestRecords.js';
import { watchOf } from './watches/index.js';

export type Monitor = StoredRecord<'monitor'>;

/** Of all five watches of a model together, one false alarm a year. */
export const FALSE_ALARMS_A_YEAR = 0.2;
const DAY_HOURS = 24;
/** Whoever serves a model wants to know within the hour that it is silent. */
const SERVICE_HOURS = 1;

/** More than these would be told by nobody's choice. */
const MOST_TOLD = 100;
const TELL = "Who is told of its incidents besides the model's own people, by e-mail address";

/** Hours of a window where nobody says. */
export const usualHours = (watch: WatchId): number => (watch === 'service' ? SERVICE_HOURS : DAY_HOURS);

/** What makes a monitor. All but model and watch have a default that fits. */
export const monitorRequest = z.object({
	model: z.string().min(1).meta({ description: 'Name of a registered model', placeholder: 'NAME' }),
	watch: watchId.meta({
		description: `What is watched: ${Object.entries(WATCHES)
			.map(([id, [, does]]) => `${id} (${does.charAt(0).toLowerCase()}${does.slice(1)})`)
			.join(', ')}`,
	}),
	alias: z.string().min(1).default('champion').meta({ description: 'Alias whose answers are watched' }),
	version: z
		.number()
		.int()
		.positive()
		.optional()
		.meta({ description: 'Version whose answers alone are watched, by whichever alias callers come to it', placeholder: 'N' }),
	window: monitorWindow
		.optional()
		.meta({ description: 'How answers are divided, {"by":"time","hours":24} or {"by":"rows","rows":1000}', placeholder: 'JSON' }),
	segments: z.array(z.string()).default([]).meta({ description: 'Column by whose values answers are looked at separately as well' }),
	params: dictionaryOf(z.unknown()).default({}).meta({ description: 'What this watch takes besides', placeholder: 'JSON' }),
	false_alarms: z.number().positive().default(FALSE_ALARMS_A_YEAR).meta({ description: 'False alarms that may be had in a year' }),
	every: z.number().positive().optional().meta({ description: 'Minutes between two looks', placeholder: 'MINUTES' }),
	since: z.string().optional().meta({ description: 'Where the first window begins; else with the present one', placeholder: 'TIME' }),
	tell: z.array(z.string()).max(MOST_TOLD).default([]).meta({ description: TELL, placeholder: 'E-MAIL' }),
});
export type MonitorRequest = z.input<typeof monitorRequest>;

interface Acting {
	actor: string;
	/** Why, for the audit log. */
	reason?: string;
	now?: Date;
}

/** Makes a monitor; a running model server looks at its windows from then on. @throws `store.not_found`, `input.invalid`, `monitor.*` */
export async function makeMonitor(store: Store, asked: MonitorRequest, acting: Acting): Promise<Monitor> {
	return await store.transact(async (part) => {
		const body = await monitorBody(part, asked, acting);
		const made = await part.add('monitor', body.id, body);
		await tell(part, made, 'made', acting.actor, acting.reason);
		return made;
	});
}

/** The monitor that would be made. @throws the same */
export async function monitorBody(
	store: Pick<Transactional, 'find'>,
	asked: MonitorRequest,
	{ actor, now = new Date() }: Acting,
): Promise<MonitorRecord> {
	const request = checkedRequest(monitorRequest, asked, 'watch');
	const { model, watch, version, segments } = request;
	if (!(await store.find('modelVersion', model)))
		throw new MlopsError('store.not_found', `There is no registered model named "${model}".`, { remedy: 'Deploy it first.' });
	if (version !== undefined && !(await store.find('modelVersion', model, version)))
		throw new MlopsError('store.not_found', `The model "${model}" has no version ${version}.`, { remedy: 'Choose one that it has.' });
	const alias = version === undefined ? request.alias : `version ${version}`;
	const whose = { alias, ...(version === undefined ? {} : { version }) };
	const id = await freshId(store, `${model}-${alias === 'champion' ? '' : `${alias.replace(' ', '-')}-`}${watch}`);
	const { window, ...checked } = readRequest(request, now);
	return { id, model, ...whose, watch, window, segments, ...checked, state: 'active', madeBy: actor, madeAt: now.toISOString() };
}

const paramsOf = (watch: WatchId, params: unknown): MonitorRecord['params'] =>
	dictionary(Object.entries(checkedRequest<object>(watchOf(watch).params, params, WATCHES[watch][0])));

function readRequest(request: z.output<typeof monitorRequest>, now: Date) {
	const { watch, params, every, since, false_alarms, tell } = request;
	const window = request.window ?? { by: 'time' as const, hours: usualHours(watch) };
	const hours = window.by === 'time' ? window.hours : DAY_HOURS;
	return {
		window,
		params: paramsOf(watch, params),
		falseAlarmsAYear: false_alarms,
		everyMinutes: every ?? Math.min(60, hours * 60),
		since: since === undefined ? new Date(window.by === 'time' ? windowStart(hours, now.getTime()) : now).toISOString() : instant(since),
		...(tell.length > 0 ? { tell: emailAddresses(tell) } : {}),
	};
}

/** `churn-data`, then `churn-data-2`: nobody ever gets the id of another one. */
async function freshId(store: Pick<Transactional, 'find'>, base: string): Promise<string> {
	for (let n = 1; ; n++) {
		const id = n === 1 ? base : `${base}-${n}`;
		if (!(await store.find('monitor', id))) return id;
	}
}

export const monitorChange = z.object({
	window: monitorWindow.optional().meta({ description: 'How answers are divided', placeholder: 'JSON' }),
	segments: z.array(z.string()).optional().meta({ description: 'Column by whose values answers are looked at separately as well' }),
	params: dictionaryOf(z.unknown()).optional().meta({ description: 'What this watch takes besides', placeholder: 'JSON' }),
	false_alarms: z.number().positive().optional().meta({ description: 'False alarms that may be had in a year' }),
	every: z.number().positive().optional().meta({ description: 'Minutes between two looks', placeholder: 'MINUTES' }),
	tell: z.array(z.string()).max(MOST_TOLD).optional().meta({ description: TELL, placeholder: 'E-MAIL' }),
	state: z.enum(MONITOR_STATES).optional(),
});
export type MonitorChange = z.infer<typeof monitorChange>;

const STATES = { active: 'resumed', paused: 'paused', ended: 'ended' } as const;

/**
 * Changes a monitor, pauses or resumes it, or ends it for good.
 * @param expect the version of its record that was looked at; another one by now is `store.conflict`
 * @throws `store.not_found`, `store.conflict`, `monitor.refused` for one that has ended, `input.invalid`
 */
export async function changeMonitor(
	store: Store,
	id: string,
	asked: MonitorChange,
	{ actor, reason, now = new Date(), expect }: Acting & { expect?: number },
): Promise<Monitor> {
	const { window, segments, params, false_alarms, every, tell: told, state } = checkedRequest(monitorChange, asked, 'a monitor');
	return await store.transact(async (part) => {
		const before = await findMonitor(part, id);
		if (expect !== undefined && expect !== before.version)
			throw new MlopsError('store.conflict', `The monitor "${id}" was changed by someone else meanwhile.`, { remedy: 'Look at it again.' });
		if (before.body.state === 'ended')
			throw new MlopsError('monitor.refused', `The monitor "${id}" has ended.`, { remedy: 'Make another one.' });
		const { watch } = before.body;
		const body: MonitorRecord = {
			...before.body,
			...(window ? { window } : {}),
			...(segments ? { segments } : {}),
			...(params ? { params: paramsOf(watch, params) } : {}),
			...(false_alarms === undefined ? {} : { falseAlarmsAYear: false_alarms }),
			...(every === undefined ? {} : { everyMinutes: every }),
			...(told ? { tell: emailAddresses(told) } : {}),
			...(state ? { state } : {}),
			// What happened while it paused is not looked at later: that is what a pause is for.
			...(state === 'active' && before.body.state === 'paused' ? { since: sinceNow(window ?? before.body.window, now) } : {}),
		};
		const changed = await part.add('monitor', id, body);
		if (changed.version === before.version) return changed;
		await tell(part, changed, state && state !== before.body.state ? STATES[state] : 'changed', actor, reason);
		if (state === 'ended') await afterEnd(part, changed, now);
		return changed;
	});
}

const sinceNow = (window: MonitorRecord['window'], now: Date): string =>
	new Date(window.by === 'time' ? windowStart(window.hours, now.getTime()) : now).toISOString();

/** @throws `store.not_found` */
export async function findMonitor(store: Pick<Transactional, 'find'>, id: string): Promise<Monitor> {
	const found = await store.find('monitor', id);
	if (found) return found;
	throw new MlopsError('store.not_found', `There is no monitor "${id}".`, { found: id, remedy: 'Look at "mlops watch list".' });
}

/** All monitors, or those of a model, the latest change first; those that have ended only where they are asked for. */
export async function listMonitors(
	store: Pick<Transactional, 'list'>,
	{ model, ended = false }: { model?: string; ended?: boolean } = {},
): Promise<Monitor[]> {
	return (await newestRecords(store, 'monitor')).filter(
		({ body }) => (model === undefined || body.model === model) && (ended || body.state !== 'ended'),
	);
}

async function tell(store: Transactional, { id, body }: Monitor, what: string, actor: string, reason?: string): Promise<void> {
	const { id: monitor, model, alias, watch, window } = body;
	await store.audit({
		actor,
		action: `monitor.${what}`,
		subject: model,
		details: { monitor, alias, watch, window, id, ...(reason ? { reason } : {}) },
	});
}
