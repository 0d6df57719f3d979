import { memoryUsage } from 'node:process';
import { isFollowed } from '../rollouts/followed.js';
import type { MainState } from '../start.js';
import { countersText, metricText } from './text.js';
import { watchingFacts, watchingText, type WatchingFacts } from './watching.js';

/** What a model's newest records say, read again only where the chain moved on. */
interface Facts {
	seq: number;
	drift: Array<{ labels: Record<string, string>; value: number }>;
	quality: Array<{ labels: Record<string, string>; value: number }>;
	champions: Array<{ labels: Record<string, string>; at: number }>;
	watching: WatchingFacts;
}
const known = new WeakMap<MainState, Facts>();

/** All that `/metrics` says. */
export async function metricsText(state: MainState): Promise<string> {
	const { table, listeners, totals, startedAt, storeAway } = state;
	const log = state.log();
	const facts = await factsOf(state).catch(() => known.get(state));
	const single = (value: number) => [{ labels: {}, value }];
	// Each listener has its own models in memory: what one of them cannot load is told.
	const all = [...listeners.values()].flatMap((listener) => listener.failed);
	const failed = [...new Map(all.map((one) => [`${one.version} ${one.model}`, one])).values()];
	return [
		countersText(totals.sums()),
		metricText('mlops_up_since_seconds', 'gauge', 'When the server started (Unix time).', single(startedAt / 1000)),
		metricText('mlops_listeners', 'gauge', 'Threads that answer.', single(listeners.size)),
		metricText(
			'mlops_listener_restarts_total',
			'counter',
			'Listeners that ended by themselves and were started again.',
			single(state.restarts()),
		),
		metricText('process_resident_memory_bytes', 'gauge', 'Resident memory of the process.', single(memoryUsage.rss())),
		metricText('mlops_store_away', 'gauge', '1 while the store cannot be read.', single(storeAway ? 1 : 0)),
		metricText('mlops_store_seen_seconds', 'gauge', 'When the store was seen last (Unix time).', single(table.seenAt / 1000)),
		metricText(
			'mlops_certificate_expires_seconds',
			'gauge',
			'Until when the certificate for TLS is valid (Unix time).',
			state.certificate() ? single(state.certificate()!.until / 1000) : [],
		),
		...(log
			? [
					metricText('mlops_log_lines_total', 'counter', 'Answers offered to the log.', single(log.offered)),
					metricText('mlops_log_dropped_total', 'counter', 'Of these, those that the log had no room for.', single(log.dropped)),
					metricText('mlops_log_unwritten_total', 'counter', 'Of these, those that could not be written.', single(log.unwritten)),
					metricText('mlops_log_waiting_bytes', 'gauge', 'Bytes of the log that are not written yet.', single(log.waitingBytes)),
				]
			: []),
		metricText('mlops_models', 'gauge', 'Models that are served.', single(table.models.length)),
		metricText(
			'mlops_model_memory_bytes',
			'gauge',
			'Memory that models take, estimated, of all listeners.',
			single([...listeners.values()].reduce((sum, { usedBytes }) => sum + usedBytes, 0)),
		),
		metricText(
			'mlops_model_failed',
			'gauge',
			'Versions that cannot be loaded.',
			failed.map(({ model, version }) => ({ labels: { model, version: String(version) }, value: 1 })),
		),
		metricText(
			'mlops_rollout_held',
			'gauge',
			'1 while all callers get the stable version, since it is not known whether the rollout goes on.',
			table.models.flatMap(({ name, divisions }) =>
				divisions.map((division) => ({ labels: { model: name, rollout: division.id }, value: isFollowed(division) ? 0 : 1 })),
			),
		),
		metricText(
			'mlops_alias_version',
			'gauge',
			'The version that an alias points to.',
			table.models.flatMap(({ name, aliases }) =>
				Object.entries(aliases).map(([alias, version]) => ({ labels: { model: name, alias }, value: version })),
			),
		),
		metricText(
			'mlops_champion_age_seconds',
			'gauge',
			'Since when the champion is the champion.',
			(facts?.champions ?? []).map(({ labels, at }) => ({ labels, value: Math.max(0, (Date.now() - at) / 1000) })),
		),
		metricText('mlops_drifted_columns', 'gauge', 'Columns that drifted in the newest drift report.', facts?.drift ?? []),
		metricText('mlops_quality', 'gauge', "The main metric of the champion's newest evaluation.", facts?.quality ?? []),
		facts ? watchingText(facts.watching) : '',
	].join('');
}

async function factsOf(state: MainState): Promise<Facts> {
	const { store, table } = state;
	const last = known.get(state);
	if (last && last.seq === table.seq) return last;
	const watching = await watchingFacts(
		store,
		table.models.map(({ name }) => name),
		last?.watching,
	);
	const facts: Facts = { seq: table.seq, drift: [], quality: [], champions: [], watching };
	for (const { name, aliases, versions } of table.models) {
		const [drift] = await store.list('drift', { name, limit: 1 });
		if (drift) facts.drift.push({ labels: { model: name }, value: drift.body.columns.filter(({ drifted }) => drifted).length });
		const champion = aliases['champion'];
		if (champion === undefined) continue;
		const moved = (await store.aliasHistory(name, 'champion', { limit: 1 }))[0];
		if (moved) facts.champions.push({ labels: { model: name }, at: Date.parse(moved.at) });
		const evaluation = versions[champion] === undefined ? undefined : await store.evaluationOf(versions[champion]);
		const value = evaluation?.body.metrics[evaluation.body.primary];
		if (evaluation && value !== undefined)
			facts.quality.push({ labels: { model: name, metric: evaluation.body.primary }, value: value as unknown as number });
	}
	known.set(state, facts);
	return facts;
}
