import { quoteText, withDuck, type Duck } from '../../data/duck.js';
import { countWindows, readKnown, type WindowCount } from '../../data/truth/knownAnswers.js';
import { instantSql } from '../../data/truth/resolve.js';
import { throwIfCancelled } from '../../domain/cancel.js';
import { MlopsError } from '../../domain/errors.js';
import type { VerdictRecord } from '../../domain/monitor.js';
import type { Context } from '../../domain/progress.js';
import { qualityFindings, qualitySummary } from '../../monitor/quality/judgeQuality.js';
import { leftOutNotes, type LeftOut } from '../../monitor/quality/leftOutNotes.js';
import { qualityParams, type QualityParams } from '../../monitor/quality/qualityParams.js';
import { waitOf } from '../../monitor/quality/waitOf.js';
import type { Store } from '../../store/contract.js';
import { defineWatch, type Looked, type Span, type Watched } from './contract.js';
import { answeringVersion, groupsOf, readGroup, type AnsweringVersion, type ReadGroup } from './qualityGroups.js';

/**
 * How good the answers of a model were, by what turned out to be true.
 *
 * - Each version is measured by itself, by its own threshold and classes, in all arms of a rollout that somebody saw. The one that the
 *   alias points to (else the one that answered most) speaks for the window, and the others are its segments `version 3`.
 * - Answers that failed, and those that nobody saw (a shadow), are left out and counted.
 * - A truth that no longer stands (withdrawn) is none; of several the last one told counts, in whatever order they came.
 */
export const quality = defineWatch({
	id: 'quality',
	params: qualityParams,
	look: async (store, { from, until, ...watched }, params, context) => (await over(store, watched, [{ from, until }], params, context))[0],
	lookOver: over,
});

/** @throws `monitor.no_truth` where nobody ever told one; `learn.parameter_invalid` for a metric that does not judge the model's task */
async function over(store: Store, watched: Watched, windows: readonly Span[], params: QualityParams, context: Context): Promise<Looked[]> {
	if (windows.length === 0) return [];
	if (!(await store.log.any('truth')))
		throw new MlopsError('monitor.no_truth', `Nobody has told yet what turned out to be true of the answers of ${watched.model}.`, {
			remedy: 'Tell it with MLOps Feedback, or watch "Estimated Quality" meanwhile.',
		});
	const order = windows.map((_, i) => i).sort((a, b) => (windows[a].from < windows[b].from ? -1 : 1));
	const inTime = order.map((i) => windows[i]);
	const looked = await withDuck({ threads: 2, memoryBytes: 1 << 30 }, async (duck) => {
		const counts = await countWindows(duck, store.log, watched, inTime, watched.segments.length > 0);
		const failures = await leftOutOf(duck, store, watched, inTime);
		const versions = new Map<number, AnsweringVersion>();
		for (const count of counts.filter(({ known }) => known > 0))
			if (!versions.has(count.version)) versions.set(count.version, await answeringVersion(duck, store, watched, count, params));
		const out: Looked[] = [];
		for (const [n, span] of inTime.entries()) {
			throwIfCancelled(context, 'The look at the answers');
			context.progress({ stage: `Measuring answers: ${span.from.slice(0, 10)}`, share: 0.2 + (0.8 * n) / inTime.length });
			const here = counts.filter(({ window }) => window === n);
			out.push(await lookAt(duck, store, watched, span, here, versions, failures[n], params));
		}
		return out;
	});
	const result: Looked[] = [];
	order.forEach((i, place) => (result[i] = looked[place]));
	return result;
}

async function lookAt(
	duck: Duck,
	store: Store,
	watched: Watched,
	span: Span,
	counts: readonly WindowCount[],
	versions: ReadonlyMap<number, AnsweringVersion>,
	left: LeftOut,
	params: QualityParams,
): Promise<Looked> {
	const rows = counts.reduce((n, count) => n + count.rows, 0);
	const reads: ReadGroup[] = [];
	for (const count of counts) {
		const version = versions.get(count.version);
		if (version) reads.push(readGroup(count, version, await readKnown(duck, count, version.outputs)));
	}
	const known = reads.reduce((n, read) => n + read.known, 0);
	const main = await mainVersion(store, watched, span, reads);
	const metric = main?.version.metric ?? params.metric;
	const wait = waitOf(
		{ rows, known, groups: reads.map(({ labels, version }) => ({ classes: version.classes, labels })) },
		span.until,
		watched.now ?? new Date().toISOString(),
		{ ...params, metric },
	);
	const waits = 'waiting' in wait;
	const groups = reads.flatMap((read) => groupsOf(read, { main: read === main, judged: !waits, least: params.leastRows, metric }));
	const notes: VerdictRecord['notes'] = [
		...(!waits && wait.partial ? [{ code: 'partial_truth', text: wait.partial }] : []),
		...leftOutNotes(left),
		...reads.flatMap(({ notes: said }) => said),
	];
	const findings = [...qualityFindings(groups, { ...params, metric }), ...reads.flatMap(({ unknown }) => unknown)];
	return {
		rows,
		known,
		versions: [...new Set(counts.map(({ version }) => version))].sort((a, b) => a - b),
		...(main ? { reference: main.version.referenceId } : {}),
		notes,
		findings,
		...(waits ? wait : { summary: qualitySummary(findings, metric, known) }),
	};
}

/** The version that the alias pointed to at the end, or else the one whose known answers are most. */
async function mainVersion(
	store: Store,
	{ model, alias }: Watched,
	{ until }: Span,
	reads: readonly ReadGroup[],
): Promise<ReadGroup | undefined> {
	if (reads.length <= 1) return reads[0];
	const pointed = alias === undefined ? undefined : await store.aliasAt(model, alias, until);
	return reads.find(({ version }) => version.version === pointed) ?? [...reads].sort((a, b) => b.known - a.known)[0];
}

/** Answers that failed, and those that nobody saw, by window. */
async function leftOutOf(duck: Duck, store: Store, { model, alias, versions }: Watched, windows: readonly Span[]): Promise<LeftOut[]> {
	const [since, until] = [windows[0].from, windows[windows.length - 1].until];
	const relation = await store.log.relation('answers', { since, until });
	const spans = windows.map((w, n) => `(${n}, ${instantSql(w.from)}, ${instantSql(w.until)})`).join(', ');
	const rows = await duck.rows<{ n: number; failed: number; unseen: number }>(
		`SELECT w.n, sum(coalesce(a.unlogged, 1)) FILTER (a.error IS NOT NULL OR a.unlogged IS NOT NULL) AS failed, ` +
			`count(*) FILTER (a.error IS NULL AND starts_with(coalesce(a.arm, ''), 'shadow-')) AS unseen ` +
			`FROM (SELECT "at", error, unlogged, arm FROM ${relation} WHERE model = ${quoteText(model)} ` +
			`${alias === undefined ? '' : `AND alias = ${quoteText(alias)} `}` +
			`${versions === undefined ? '' : `AND version IN (${versions.join(', ') || 'NULL'}) `}` +
			`AND (error IS NOT NULL OR unlogged IS NOT NULL OR starts_with(coalesce(arm, ''), 'shadow-'))) a ` +
			`ASOF JOIN (VALUES ${spans}) w(n, start, stop) ON a."at" >= w.start WHERE a."at" < w.stop GROUP BY w.n`,
	);
	const found = new Map(rows.map(({ n, failed, unseen }) => [n, { failed: Number(failed ?? 0), unseen }]));
	return windows.map((_, n) => found.get(n) ?? { failed: 0, unseen: 0 });
}
