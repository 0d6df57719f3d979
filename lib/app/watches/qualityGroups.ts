import type { Duck } from '../../data/duck.js';
import { cellReader } from '../../data/reading/index.js';
import { countWindows, MOST_MEASURED, readKnown, type KnownPart, type WindowCount } from '../../data/truth/knownAnswers.js';
import { truthCode, truthReader } from '../../data/truth/readTruth.js';
import { own } from '../../domain/dictionary.js';
import type { ModelManifest } from '../../domain/model.js';
import type { Finding, VerdictRecord } from '../../domain/monitor.js';
import { tooFewToJudge } from '../../evaluate/enough.js';
import { readPackage } from '../../formats/modelPackage.js';
import type { QualityGroup } from '../../monitor/quality/judgeQuality.js';
import { measureKnown, type Measured } from '../../monitor/quality/measureKnown.js';
import type { QualityParams } from '../../monitor/quality/qualityParams.js';
import { segmentsOf } from '../../monitor/quality/segmenter.js';
import { count, list, percent } from '../../report/formatting.js';
import type { Store } from '../../store/contract.js';
import { checkMetric, metricsOf } from '../../task/measure.js';
import { taskById } from '../../task/index.js';
import { targetColumnOf } from '../targetColumn.js';
import type { Watched } from './contract.js';
import { classesOf, testReferenceOf, type TestReference } from './qualityReference.js';
import { cutText } from '../../domain/text.js';

const DAY_MS = 86_400_000;
/** What the version before answered last: of so many days. */
const BEFORE_DAYS = 30;
/** Segments of a column that are looked at, those with most answers. */
const MOST_SEGMENTS = 20;
/** From this share of the truths on, classes that the model does not know are out of order. */
const MANY_UNKNOWN = 0.01;

/** A version that answered, with what its answers are compared with. */
export interface AnsweringVersion {
	version: number;
	manifest: ModelManifest;
	classes: string[];
	outputs: number;
	/** The metric that decides. */
	metric: string;
	reference: TestReference;
	/** What findings were compared with, for the history of alarms. */
	referenceId: string;
	before?: Measured & { version: number };
	notes: VerdictRecord['notes'];
}

/** Known answers of a version in a window, as its metrics count them. */
export interface ReadGroup {
	version: AnsweringVersion;
	/** Answers whose truth is known and could be read, unknown classes among them. */
	known: number;
	labels: Float64Array;
	scores: Float64Array;
	about?: Uint32Array;
	input: string[];
	/** A finding where the truth was a class that the version does not know. */
	unknown: Finding[];
	notes: VerdictRecord['notes'];
}

/** What is needed of a version to judge its answers. @throws `learn.parameter_invalid` for a metric of another task */
export async function answeringVersion(
	duck: Duck,
	store: Store,
	watched: Watched,
	{ version, digest }: Pick<WindowCount, 'version' | 'digest'>,
	params: QualityParams,
): Promise<AnsweringVersion> {
	const record = await store.get('modelVersion', (await versionId(store, watched.model, version)) ?? '');
	const run = await store.get('run', record.body.runId);
	const { manifest } = readPackage(await store.artifacts.get(digest));
	const metric = decidingMetric(params.metric.trim(), run.body.primary, manifest);
	const reference = await testReferenceOf(store, { digest, runId: run.id }, manifest, watched.segments);
	const lost = watched.segments.filter((name) => !reference.segmenters.has(name));
	const about = {
		version,
		manifest,
		classes: classesOf(manifest, await targetColumnOf(store, run.id)),
		outputs: taskById(manifest.task).outputs(manifest.classes.length),
		metric,
		reference,
	};
	const before = await versionBefore(store, watched, version);
	const earlier = before && (await measureBefore(duck, store, watched, before, about));
	const notes = [
		...(lost.length ? [{ code: 'no_segments', text: `Version ${version} cannot be divided by ${list(lost)}.` }] : []),
		...(!reference.measured && params.against === 'test'
			? [{ code: 'no_reference', text: `Version ${version} has no evaluation and no test rows of its own to be compared with.` }]
			: []),
		...(!earlier && params.against === 'before'
			? [{ code: 'no_reference', text: `No version before version ${version} has answers whose truth is known.` }]
			: []),
	];
	const referenceId = params.against === 'before' ? `${watched.model}@${before?.version ?? ''}` : reference.id;
	return { ...about, referenceId, ...(earlier ? { before: earlier } : {}), notes };
}

/** The metric that decides: what was asked for, or what the model was chosen by, if that goes by the truth. */
function decidingMetric(asked: string, primary: string, { task }: ModelManifest): string {
	if (asked) return checkMetric(asked, task).id;
	return checkMetric(primary, task).withoutTruth ? metricsOf(task).find((m) => !m.withoutTruth)!.id : primary;
}

const versionId = async (store: Store, model: string, version: number): Promise<string | undefined> =>
	(await store.find('modelVersion', model, version))?.id;

/** The version that the alias pointed to before this one, and until when. */
async function versionBefore(
	store: Store,
	{ model, alias }: Watched,
	version: number,
): Promise<{ version: number; until: string } | undefined> {
	const move = (await store.aliasHistory(model, alias)).find(({ from, to }) => to === version && from !== null && from !== version);
	return move && { version: move.from!, until: move.at };
}

/** How the version before did on its last answers; nothing where their truth is not known, or it answered another question. */
async function measureBefore(
	duck: Duck,
	store: Store,
	watched: Watched,
	{ version, until }: { version: number; until: string },
	{ manifest }: Pick<AnsweringVersion, 'manifest'>,
): Promise<(Measured & { version: number }) | undefined> {
	const record = await store.find('modelVersion', watched.model, version);
	if (!record) return undefined;
	const theirs = readPackage(await store.artifacts.get(record.body.digest)).manifest;
	if (theirs.task !== manifest.task || theirs.target !== manifest.target) return undefined;
	const from = new Date(Date.parse(until) - BEFORE_DAYS * DAY_MS).toISOString();
	const asked = { model: watched.model, ...(watched.alias === undefined ? {} : { alias: watched.alias }), versions: [version] };
	const [found] = await countWindows(duck, store.log, asked, [{ from, until }], false, 'earlier');
	if (!found?.known) return undefined;
	const outputs = taskById(theirs.task).outputs(theirs.classes.length);
	const { labels, scores, about } = codesOf(await readKnown(duck, found, outputs, 'earlier'), theirs, outputs);
	if (labels.length === 0) return undefined;
	const { task, threshold } = theirs;
	return { version, ...measureKnown({ task, classes: classesOf(theirs).length, threshold, labels, scores, ...(about ? { about } : {}) }) };
}

/** The truths of a part as metrics count them, without those that cannot be read or are of an unknown class. */
function codesOf({ truth, scores, about, input }: KnownPart, manifest: ModelManifest, outputs: number) {
	const read = truthReader(manifest);
	const codes = new Map<string, number | undefined>();
	const codeOf = (json: string): number | undefined => {
		if (!codes.has(json)) {
			// A few tell all classes; numbers would fill the memory.
			if (codes.size > 10_000) codes.clear();
			const reading = read(JSON.parse(json));
			codes.set(json, 'value' in reading ? truthCode(manifest, reading.value) : undefined);
		}
		return codes.get(json);
	};
	const unknown = new Map<string, number>();
	let unread = 0;
	const at: number[] = [];
	const labels: number[] = [];
	truth.forEach((json, i) => {
		const code = codeOf(json);
		if (code === undefined) unread++;
		else if (Number.isNaN(code)) unknown.set(json, (unknown.get(json) ?? 0) + 1);
		else {
			at.push(i);
			labels.push(code);
		}
	});
	const picked = new Float64Array(at.length * outputs);
	at.forEach((row, i) => picked.set(scores.subarray(row * outputs, (row + 1) * outputs), i * outputs));
	return {
		labels: Float64Array.from(labels),
		scores: picked,
		...(about ? { about: Uint32Array.from(at, (row) => about[row]) } : {}),
		input: input.length ? at.map((row) => input[row]) : [],
		unknown,
		unread,
	};
}

/** Known answers of a version in a window. */
export function readGroup({ known: told, window: _, ...counted }: WindowCount, version: AnsweringVersion, part: KnownPart): ReadGroup {
	const { labels, scores, about, input, unknown, unread } = codesOf(part, version.manifest, version.outputs);
	const seen = part.truth.length + part.unreadable;
	const strange = [...unknown.values()].reduce((a, b) => a + b, 0);
	const known = Math.round((told * (labels.length + strange)) / Math.max(1, seen));
	const named = list([...unknown.keys()].map((json) => `“${cutText(String(JSON.parse(json)), 40)}”`));
	const share = strange / Math.max(1, labels.length + strange);
	const notes = [
		...version.notes,
		...(told > MOST_MEASURED
			? [
					{
						code: 'sampled',
						text: `Of ${count(told, 'known answer')} of version ${counted.version} an even sample of ${count(seen, 'answer')} is measured.`,
					},
				]
			: []),
		...(part.unreadable + unread
			? [
					{
						code: 'unread_truth',
						text: `${count(part.unreadable + unread, 'truth')} of version ${counted.version} cannot be read and count as unknown.`,
					},
				]
			: []),
		...(strange
			? [
					{
						code: 'unknown_class',
						text:
							`${count(strange, 'truth')} (${percent(share)}) are of classes that version ${counted.version} does not know (${named}): ` +
							'it cannot have been right there, and the metrics are of the others.',
					},
				]
			: []),
	];
	const why =
		share >= MANY_UNKNOWN
			? `${percent(share)} of what turned out to be true are classes that the model does not know (${named})`
			: undefined;
	const finding: Finding = { about: 'unknown_class', version: counted.version, value: share, unit: 'share', ...(why ? { why } : {}) };
	return { version, known, labels, scores, ...(about ? { about } : {}), input, notes, unknown: strange ? [finding] : [] };
}

/** What is measured of a version in a window: all of it, and its segments. */
export function groupsOf(
	{ version, labels, scores, about, input }: ReadGroup,
	{ main, judged, least, metric }: { main: boolean; judged: boolean; least: number; metric: string },
): QualityGroup[] {
	if (labels.length === 0) return [];
	const { manifest, classes, outputs, reference, before } = version;
	const { task, threshold } = manifest;
	const measured = (at?: readonly number[]) => {
		const y = at ? Float64Array.from(at, (row) => labels[row]) : labels;
		const p = at ? new Float64Array(at.length * outputs) : scores;
		at?.forEach((row, i) => p.set(scores.subarray(row * outputs, (row + 1) * outputs), i * outputs));
		const things = about && (at ? Uint32Array.from(at, (row) => about[row]) : about);
		return {
			now: measureKnown({ task, classes: classes.length, threshold, labels: y, scores: p, ...(things ? { about: things } : {}) }),
			judged: judged && y.length >= least && tooFewToJudge(classes, y, [metric]) === undefined,
		};
	};
	const named = (segment?: string): { segment?: string } => {
		const name = [...(main ? [] : [`version ${version.version}`]), ...(segment === undefined ? [] : [segment])].join(', ');
		return name ? { segment: name } : {};
	};
	const whole: QualityGroup = {
		version: version.version,
		whole: true,
		...named(),
		...measured(),
		...(reference.measured ? { test: reference.measured } : {}),
		...(before ? { before } : {}),
	};
	const parts = [...reference.segmenters].flatMap(([name, segmenter]) => {
		const column = manifest.signature.find((c) => c.name === name)!;
		const { read } = cellReader(
			column,
			manifest.seen?.find((s) => s.name === name),
		);
		const names = input.map((json) => {
			const sent = JSON.parse(json) as Record<string, unknown>;
			return segmenter(Object.hasOwn(sent, name) ? (read(own(sent, name)) ?? null) : null);
		});
		return [...segmentsOf(names, { least, most: MOST_SEGMENTS }).segments].map(([segment, at]): QualityGroup => {
			const test = reference.segments.get(segment);
			return { version: version.version, whole: false, ...named(segment), ...measured(at), ...(test ? { test } : {}) };
		});
	});
	return [whole, ...parts];
}
