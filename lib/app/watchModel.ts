import type { TaskType } from '../domain/column.js';
import type { ItemWatching } from '../domain/item.js';
import type { MonitorRecord } from '../domain/monitor.js';
import { WATCHES, type WatchId } from '../domain/watches.js';
import type { Store } from '../store/contract.js';
import { taskById } from '../task/index.js';
import { resolveVersion } from './modelReference.js';
import type { WatchModelParams } from './watchModelParams.js';
import { ALL_WATCHES } from './watches/index.js';
import { listMonitors, makeMonitor, monitorBody } from './monitors.js';

export interface WatchModelRequest extends WatchModelParams {
	model: string;
	actor: string;
	reason?: string;
	/** Only says what would happen. */
	preview?: boolean;
	now?: Date;
}

/** Which watches make no sense for models of a task, and why. */
export function notWatched(task: TaskType): Partial<Record<WatchId, string>> {
	if (taskById(task).labels !== 'none') return {};
	const why = 'its answers are neither right nor wrong by a known truth';
	return { quality: why, estimate: why };
}

/**
 * Watches a model: one monitor each of what can be watched, with defaults that fit, and none beside one that is there already.
 * @throws `store.not_found`, `input.invalid`
 */
export async function watchModel(store: Store, { model, alias, watch, segments, ...acting }: WatchModelRequest): Promise<ItemWatching> {
	const { body: version } = await resolveVersion(store, { name: model, alias });
	const left = notWatched((await store.get('run', version.runId)).body.task);
	const asked = watch.length > 0 ? watch : ALL_WATCHES.map(({ id }) => id).filter((id) => !(id in left));
	const present = (await listMonitors(store, { model })).filter(({ body }) => body.alias === alias);
	const monitors: ItemWatching['monitors'] = [];
	for (const id of asked) {
		const known = present.find(({ body }) => body.watch === id);
		const request = { model, watch: id, alias, segments };
		const body =
			known?.body ?? (acting.preview ? await monitorBody(store, request, acting) : (await makeMonitor(store, request, acting)).body);
		monitors.push(monitorItem(body, known === undefined));
	}
	const made = monitors.filter(({ isNew }) => isNew);
	const text = [
		...(made.length ? [`${acting.preview ? 'In a real run: from' : 'From'} now on watched: ${names(made)}.`] : []),
		...(made.length < monitors.length ? [`Watched already: ${names(monitors.filter(({ isNew }) => !isNew))}.`] : []),
		...(watch.length === 0 ? Object.entries(left).map(([id, why]) => `${WATCHES[id as WatchId][0]} is not watched: ${why}.`) : []),
	].join(' ');
	return { model, alias, monitors, text, preview: acting.preview ?? false };
}

const names = (monitors: ItemWatching['monitors']): string => monitors.map(({ label }) => label).join(', ');

const monitorItem = ({ id, watch, state, window }: MonitorRecord, isNew: boolean): ItemWatching['monitors'][number] => ({
	id,
	watch,
	label: WATCHES[watch][0],
	state,
	window: window.by === 'time' ? `${window.hours} h` : `${window.rows} rows`,
	isNew,
});
